import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Environment } from '../platform/settings.ts'
import type { Where } from './where.ts'

/** Below it there is one folder for each address that has signed in on this platform. */
export function profilesFolder(environment: Environment, { identity }: Where): string {
  const home = environment['HOME'] || homedir()
  const config = environment['XDG_CONFIG_HOME'] || join(home, '.config')
  return join(config, 'galaxy', 'play', encodeURIComponent(identity))
}

/** The folder's name for an address: whatever is in it, it stays below its parent. */
export function profileName(email: string): string {
  return encodeURIComponent(email.trim().toLowerCase()).replaceAll('.', '%2E')
}

/** The address that signed in last here; else the only one that ever has; undefined when that is nobody. */
export async function lastAddress(folder: string): Promise<string | undefined> {
  const remembered = await rememberedAddress(folder)
  if (remembered !== undefined) return remembered
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const [name] = names
  return names.length === 1 && name ? addressOf(name) : undefined
}

/** In a folder of profiles it names who signed in last; in a profile, whose that is. */
const fileName = 'signed-in.json'
const SignedIn = z.object({ email: z.string().min(1).max(254) })

/** The address that a folder is remembered for; undefined when there is none that can be read. */
export async function rememberedAddress(folder: string): Promise<string | undefined> {
  try {
    return SignedIn.parse(JSON.parse(await readFile(join(folder, fileName), 'utf8'))).email
  } catch {
    return undefined
  }
}

/** A folder that cannot be written forgets: the next visit asks. A crash leaves the old file or the new one. */
export async function rememberAddress(folder: string, email: string): Promise<void> {
  const path = join(folder, fileName)
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(temporary, `${JSON.stringify({ email })}\n`, { mode: 0o600, flag: 'wx' })
    await rename(temporary, path)
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}

function addressOf(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}
