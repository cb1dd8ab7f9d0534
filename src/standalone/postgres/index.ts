import { createServer } from 'node:net'
import { dirname, isAbsolute, resolve } from 'node:path'
import { sleep } from '../../platform/clock.ts'
import { StartupError } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import { findBinaries } from './binaries.ts'
import { type DataDir, prepareDataDir, superuser } from './data-dir.ts'
import { endLeftover } from './leftover.ts'
import { type Postmaster, runPostmaster } from './postmaster.ts'
import { accountForPostgres, asAccount } from './privileges.ts'
import { tryConnection } from './try-connection.ts'

export type PostgresOptions = {
  /** Folder for everything of Postgres: the database and its password. */
  dir: string
  log: Log
  /** Further server settings, as in postgresql.conf. */
  settings?: Readonly<Record<string, string>>
}

export type Postgres = AsyncDisposable & {
  url: string
  /** Rejects when Postgres ends without being asked to. */
  failed: Promise<never>
}

const startDeadlineMs = 60_000

/**
 * Starts the embedded Postgres on a free loopback port, made on the first start. It ends when disposed of, and also when
 * this process is killed.
 * @throws StartupError when the database is damaged or does not start
 */
export async function startPostgres({ dir, log, settings = {} }: PostgresOptions): Promise<Postgres> {
  const root = isAbsolute(dir) ? dir : resolve(dir)
  const [binaries, account] = await Promise.all([findBinaries(), accountForPostgres()])
  const dataDir = await prepareDataDir(root, { binaries, account })
  await endLeftover(dataDir.data)
  const port = await freePort()
  const postmaster = runPostmaster(await asAccount(account, command(binaries.postgres, dataDir.data, port, settings)))
  const url = `postgres://${superuser}:${dataDir.password}@127.0.0.1:${port}/postgres`
  await untilReady(postmaster, url, dataDir)
  log.debug({ port }, 'Postgres is ready')
  let stopping = false
  const failed = postmaster.ended.then((code) => {
    if (stopping) return new Promise<never>(() => undefined)
    throw new Error(`Postgres ended with code ${code}: ${lastError(postmaster.output())}`)
  })
  failed.catch(() => undefined)
  return {
    url,
    failed,
    [Symbol.asyncDispose]: async () => {
      stopping = true
      await postmaster.stop()
    },
  }
}

function command(postgres: string, data: string, port: number, settings: Readonly<Record<string, string>>): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '50',
    shared_buffers: '64MB',
    log_min_messages: 'warning',
    ...settings,
  }
  return [postgres, '-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

async function untilReady(postmaster: Postmaster, url: string, { data }: DataDir): Promise<void> {
  const startedAt = performance.now()
  const ended = postmaster.ended.then((code) => ({ code }))
  let last = ''
  while (performance.now() - startedAt < startDeadlineMs) {
    const { ready, refused, problem } = await tryConnection(url)
    if (ready) return
    if (refused) {
      await postmaster.stop()
      throw new StartupError(
        `Postgres on ${data} refuses its own account: ${problem}; restore the folder ${dirname(data)} from a backup, or move it away to start empty`,
      )
    }
    last = problem
    const end = await Promise.race([ended, sleep(15)])
    if (end) {
      const why = lastError(postmaster.output())
      throw new StartupError(
        `Postgres does not start on ${data}: ${why}; restore the folder from a backup, or move it away to start empty`,
      )
    }
  }
  await postmaster.stop()
  throw new StartupError(`Postgres on ${data} was not ready within ${startDeadlineMs / 1000} s: ${last}`)
}

function lastError(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const said = lines.findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? lines.at(-1) ?? 'it said nothing'
  return said.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, '')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
