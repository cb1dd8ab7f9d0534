import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemErrorCode } from '../../../platform/errors.ts'
import { sleep } from '../../../platform/clock.ts'
import { isProcess, processIdentity } from './identity.ts'
import { HostError } from '../port.ts'

const patienceMs = 60_000
const separator = '~'

/** Whoever works on a game in this process stands in its line; only the first of each line goes for the claim. */
const lines = new Map<string, Promise<unknown>>()

/**
 * Runs `work` while nobody else, in this process or another, does so for the same folder, whose parent must exist. Of
 * two platform processes (one about to die, one that takes over) only one may start a game's engine.
 * @throws HostError HostUnavailable when another process does not finish
 */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = lines.get(folder)
  const turn = (async () => {
    await before?.catch(() => undefined)
    return alone(folder, work)
  })()
  lines.set(folder, turn)
  try {
    return await turn
  } finally {
    if (lines.get(folder) === turn) lines.delete(folder)
  }
}

async function alone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const claim = await stakeClaim(folder)
  try {
    return await work()
  } finally {
    await dropClaim(folder, claim)
  }
}

/**
 * A claim is a file of one's own, named after its owner. Who sees no other living one's after making it has the lock:
 * of two claims at least the later sees the earlier. A dead owner's name never comes back, so its claim can be removed
 * without a race, which is not true of one lock file that all share.
 */
async function stakeClaim(folder: string): Promise<string> {
  const owner = [process.pid, encodeURIComponent((await processIdentity(process.pid)) ?? '')].join(separator)
  const claim = join(folder, [owner, randomUUID().slice(0, 8)].join(separator))
  const deadline = performance.now() + patienceMs
  for (;;) {
    if ((await made(folder, claim)) && !(await isContested(folder, claim))) return claim
    await dropClaim(folder, claim)
    if (performance.now() > deadline) throw new HostError('HostUnavailable', `another process is busy: ${folder}`)
    // At random, lest two that meet go on meeting.
    await sleep(2 + Math.random() * 20)
  }
}

/** False when the folder went away in between, because its last claim was dropped. */
async function made(folder: string, claim: string): Promise<boolean> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'EEXIST') throw error
  })
  try {
    await writeFile(claim, '', { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false
    throw error
  }
}

async function isContested(folder: string, mine: string): Promise<boolean> {
  for (const name of await readdir(folder)) {
    if (join(folder, name) === mine) continue
    const [pid, identity = ''] = name.split(separator)
    if (await isProcess({ pid: Number(pid), identity: decodeURIComponent(identity) })) return true
    await rm(join(folder, name), { force: true })
  }
  return false
}

async function dropClaim(folder: string, claim: string): Promise<void> {
  await rm(claim, { force: true })
  // Fails while others claim it; then the last of them removes it.
  await rmdir(folder).catch(() => undefined)
}
