import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sleep } from '../../platform/clock.ts'
import { StartupError } from '../../platform/errors.ts'
import { runToEnd } from './command.ts'

const patienceMs = 20_000
const askAfterMs = 1000

/**
 * Deals with a Postgres that a killed predecessor left on the data folder: it is about to end by itself (its lifeline is
 * cut); one that does not is asked to. A lock file whose process id now belongs to a stranger is removed.
 */
export async function endLeftover(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid')
  const startedAt = performance.now()
  for (let asked = false; ; await sleep(20)) {
    const pid = Number.parseInt(await readFile(lock, 'utf8').catch(() => ''), 10)
    if (!Number.isInteger(pid) || !isAlive(pid)) return
    if (!(await isPostgresOn(pid, data))) return rm(lock, { force: true })
    const waitedMs = performance.now() - startedAt
    if (!asked && waitedMs > askAfterMs) {
      process.kill(pid, 'SIGINT')
      asked = true
    }
    if (waitedMs > patienceMs)
      throw new StartupError(`another Postgres (process ${pid}) keeps using ${data}: stop it first`)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function isPostgresOn(pid: number, data: string): Promise<boolean> {
  const { output } = await runToEnd(['ps', '-o', 'args=', '-p', String(pid)])
  return output.includes('postgres') && output.includes(data)
}
