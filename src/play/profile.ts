import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
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

/** The only address that has signed in; undefined when there is none, or more than one. */
export async function onlyAddress(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => [])
  const [name] = names
  return names.length === 1 && name ? addressOf(name) : undefined
}

function addressOf(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}
