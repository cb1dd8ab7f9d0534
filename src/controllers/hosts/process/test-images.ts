import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Scripts that stand in for engines in tests: shell, because it starts in a millisecond. */
const scripts = {
  idle: 'exec sleep 600',
  failing: 'echo "cannot go on" >&2; exit 3',
  stubborn: `trap '' TERM; while :; do sleep 0.1; done`,
  counting: 'mkdir -p "$GALAXY_STATE_DIR"; echo started >>"$GALAXY_STATE_DIR/starts"; exec sleep 600',
  environment: 'env >"$GALAXY_STATE_DIR/environment"; exec sleep 600',
}

export type TestImages = Record<keyof typeof scripts, string>

/** Writes the scripts as executables into the folder; the answer names them as images. */
export async function writeTestImages(dir: string): Promise<TestImages> {
  const image = async (name: keyof typeof scripts) => {
    const path = join(dir, `engine-${name}`)
    await writeFile(path, `#!/bin/sh\n${scripts[name]}\n`)
    await chmod(path, 0o755)
    return pathToFileURL(path).href
  }
  return {
    idle: await image('idle'),
    failing: await image('failing'),
    stubborn: await image('stubborn'),
    counting: await image('counting'),
    environment: await image('environment'),
  }
}
