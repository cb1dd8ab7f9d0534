import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Scripts that stand in for engines in tests: shell where it will do, because that starts in a millisecond. */
const scripts = {
  idle: '#!/bin/sh\nexec sleep 600',
  failing: '#!/bin/sh\necho "cannot go on" >&2; exit 3',
  stubborn: `#!/bin/sh\ntrap '' TERM; touch "$GALAXY_STATE_DIR/ready"; while :; do sleep 0.1; done`,
  counting: '#!/bin/sh\nmkdir -p "$GALAXY_STATE_DIR"; echo started >>"$GALAXY_STATE_DIR/starts"; exec sleep 600',
  environment: '#!/bin/sh\nenv >"$GALAXY_STATE_DIR/environment"; exec sleep 600',
  /** Starts a helper that ignores SIGTERM, and tells its id. */
  parent: `#!/bin/sh
    (trap '' TERM; exec sleep 600) &
    echo $! >"$GALAXY_STATE_DIR/helper"; wait`,
  listening: `#!${process.execPath}
    const { GALAXY_ENGINE_PORT: port, GALAXY_ENGINE_HOST: host } = process.env
    require('node:http').createServer((_, answer) => answer.end('{"status":"ok"}')).listen(Number(port), host)`,
} as const

type Name = keyof typeof scripts
export type TestImages = Record<Name, string>

/** Writes the scripts as executables into the folder; the answer names them as images. */
export async function writeTestImages(dir: string): Promise<TestImages> {
  const image = async (name: Name) => {
    const path = join(dir, `engine-${name}`)
    await writeFile(path, `${scripts[name]}\n`)
    await chmod(path, 0o755)
    return pathToFileURL(path).href
  }
  return {
    idle: await image('idle'),
    failing: await image('failing'),
    stubborn: await image('stubborn'),
    counting: await image('counting'),
    environment: await image('environment'),
    parent: await image('parent'),
    listening: await image('listening'),
  }
}
