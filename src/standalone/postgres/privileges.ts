import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { childEnvironment } from '../../platform/child-environment.ts'
import { StartupError } from '../../platform/errors.ts'

const run = promisify(execFile)

/** Who Postgres runs as: its programs refuse to run as root. */
export type Account = { name: string; uid: number; gid: number }

/** The account to run Postgres as when we are root, else undefined: as ourselves. */
export async function accountForPostgres(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  // Debian's and most others' `postgres`, else the account that exists everywhere and owns nothing.
  const line = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody')
  const [name, , uid, gid] = line ?? []
  if (!name) throw new StartupError('Postgres cannot run as root, and there is neither an account postgres nor nobody')
  return { name, uid: Number(uid), gid: Number(gid) }
}

/**
 * The command line that runs `command` as the account. Besides the account it keeps the right to walk through folders:
 * a checkout or a data directory below a private folder (/root, a temporary one) is else out of reach.
 */
export async function asAccount(account: Account | undefined, command: readonly string[]): Promise<readonly string[]> {
  if (!account) return command
  const identity = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups']
  const walk = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search']
  const canKeep = await run('setpriv', [...identity, ...walk, 'true'], { env: childEnvironment() }).then(
    () => true,
    () => false,
  )
  return ['setpriv', ...identity, ...(canKeep ? walk : []), ...command]
}
