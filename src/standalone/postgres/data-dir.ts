import { randomBytes } from 'node:crypto'
import { chown, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartupError } from '../../platform/errors.ts'
import { makeFolder, syncFolder, writeFileAtomically } from '../../platform/files.ts'
import type { Binaries } from './binaries.ts'
import { runToEnd } from './command.ts'
import { type Account, asAccount } from './privileges.ts'

export const superuser = 'galaxy'

export type DataDir = { data: string; password: string }

/**
 * The database folder and its password below `dir`, made on the first start. It is made beside its place and renamed,
 * so that one which exists is always whole.
 * @throws StartupError when the folder is there but is no database
 */
export async function prepareDataDir(
  dir: string,
  { binaries, account }: { binaries: Binaries; account: Account | undefined },
): Promise<DataDir> {
  const data = join(dir, 'data')
  await makeFolder(dir, { mode: 0o700 })
  if (account) await chown(dir, account.uid, account.gid)
  const password = await keepPassword(join(dir, 'password'), await exists(data))
  if (await exists(data)) {
    if (await exists(join(data, 'PG_VERSION'))) return { data, password }
    throw new StartupError(`${data} is no Postgres database (PG_VERSION is missing): move it away to start empty`)
  }
  const draft = `${data}.new`
  await rm(draft, { recursive: true, force: true })
  await initialise({ draft, password, binaries, account })
  await rename(draft, data)
  await syncFolder(dirname(data))
  return { data, password }
}

async function keepPassword(path: string, mustExist: boolean): Promise<string> {
  const kept = (await readFile(path, 'utf8').catch(() => '')).trim()
  if (kept) return kept
  if (mustExist)
    throw new StartupError(`${path} is missing or empty: put it back from a backup, or move the folder away`)
  const password = randomBytes(24).toString('base64url')
  await writeFileAtomically(path, `${password}\n`, { mode: 0o600 })
  return password
}

type Draft = { draft: string; password: string; binaries: Binaries; account: Account | undefined }

async function initialise({ draft, password, binaries, account }: Draft): Promise<void> {
  const passwordFile = `${draft}.password`
  await writeFileAtomically(passwordFile, `${password}\n`, { mode: 0o600 })
  if (account) await chown(passwordFile, account.uid, account.gid)
  try {
    const place = ['--pgdata', draft, '--username', superuser, '--pwfile', passwordFile]
    const kind = ['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-instructions']
    const command = [binaries.initdb, ...place, ...kind]
    const { code, output } = await runToEnd(await asAccount(account, command))
    if (code !== 0) throw new StartupError(`Postgres could not make its database in ${dirname(draft)}: ${output}`)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
