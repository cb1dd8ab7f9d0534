import { sleep } from '../../../platform/clock.ts'
import { HostError } from '../port.ts'
import { isProcess, processIdentity, type ProcessId } from './identity.ts'

const killMs = 5000

/**
 * Ends the engine and whatever it has started: SIGTERM, then SIGKILL after `graceMs`. Returns when it has ended.
 * @throws HostError HostUnavailable when it does not
 */
export async function endGroup(engine: ProcessId, graceMs: number): Promise<void> {
  if (!(await isProcess(engine))) return
  const ended =
    (graceMs > 0 && (await endsWithin(engine, 'SIGTERM', graceMs))) || (await endsWithin(engine, 'SIGKILL', killMs))
  if (!ended) throw new HostError('HostUnavailable', `process/${engine.pid} does not end, not even by SIGKILL`)
  await killRest(engine)
}

/**
 * Kills what an engine left in its process group when it ended just now. The number cannot be another group's yet: it
 * is given to no new process while the group has members, and if it has been given since, that process is there. After
 * a longer time that does not hold (its new owner may have left members behind, too), and nothing must be killed.
 */
export async function killRest({ pid }: ProcessId): Promise<void> {
  if ((await processIdentity(pid)) === undefined) signalGroup(pid, 'SIGKILL')
}

async function endsWithin(engine: ProcessId, signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  if (!(await isProcess(engine))) return true
  signalGroup(engine.pid, signal)
  while (await isProcess(engine)) {
    if (performance.now() > deadline) return false
    await sleep(5)
  }
  return true
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  // -0 and -1 are our own group and every process there is; no engine has these ids.
  if (pid < 2) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has just ended by itself.
  }
}
