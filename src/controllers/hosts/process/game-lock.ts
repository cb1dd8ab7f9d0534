import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sleep } from '../../../platform/clock.ts'
import { HostError } from '../port.ts'
import { isProcess, processIdentity } from './identity.ts'

const patienceMs = 60_000

/**
 * Runs `work` while holding the lock file: two platform processes (one about to die, one that takes over) must never
 * both start an engine for one game. A lock whose process is gone is broken.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path)
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function acquire(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const mine = `${process.pid} ${(await processIdentity(process.pid)) ?? ''}`
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, mine, { mode: 0o600 })
  try {
    const deadline = Date.now() + patienceMs
    while (!(await tryLink(draft, path))) {
      await breakIfStale(path)
      if (Date.now() > deadline) throw new HostError('HostUnavailable', `${path} is held by another process`)
      await sleep(5)
    }
  } finally {
    await rm(draft, { force: true })
  }
}

async function tryLink(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function breakIfStale(path: string): Promise<void> {
  const held = await readFile(path, 'utf8').catch(() => undefined)
  if (held === undefined) return
  const [, digits = '0', identity = ''] = /^([0-9]+) (.*)$/.exec(held) ?? []
  if (await isProcess(Number(digits), identity)) return
  // Renaming is what only one can do: whoever sees another lock under the new name puts it back.
  const aside = `${path}.${randomUUID()}`
  await rename(path, aside).catch(() => undefined)
  if ((await readFile(aside, 'utf8').catch(() => held)) !== held) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}
