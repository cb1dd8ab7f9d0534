import { once } from 'node:events'
import { backoffMs } from '../platform/backoff.ts'
import { sleep } from '../platform/clock.ts'
import { messageOf } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { type Failure, type Part, RunningParts } from './running-parts.ts'

export type SupervisorOptions = {
  /** In the order to start them: each may use those before it. Those that fail are started again in the same order. */
  parts: readonly Part[]
  log: Log
  /** Ends the start early: what has been started is stopped again. */
  stop: AbortSignal
  /** Called each time all parts have come up. */
  onUp: () => Promise<void>
  /** Called when a part has failed, before anything is started again. */
  onDown: () => Promise<void>
  pauses?: { baseMs: number; maxMs: number } | undefined
}

/** An end that was not clean: the message is one line for each part that could not be stopped as it should. */
class ShutdownError extends Error {
  override name = 'ShutdownError'
}

/** A part that ran so long before it failed is started again as if it had never failed. */
const steadyMs = 60_000

/**
 * Runs the parts. One that fails later is started again, and with it those that cannot go on without it, with growing
 * pauses; the others run on. Disposing of the supervisor stops all of them, last first; it throws a ShutdownError when
 * something was left running.
 * @throws what the failing part threw, when one fails to start the first time; the others are stopped by then
 * @throws the reason of `stop`, when that fires before all are up
 */
export async function supervise(options: SupervisorOptions): Promise<AsyncDisposable> {
  const { parts, log, stop, onUp } = options
  const running = new RunningParts(parts, log)
  try {
    for (const part of parts) await part.check?.()
    for (const part of parts) {
      stop.throwIfAborted()
      await running.start(part)
    }
    stop.throwIfAborted()
    await onUp()
  } catch (error) {
    for (const problem of await running.stop()) log.warn(problem)
    throw error
  }
  const ending = new AbortController()
  const kept = keepUp(running, options, ending.signal)
  return {
    [Symbol.asyncDispose]: async () => {
      ending.abort()
      await kept
      const problems = await running.stop()
      if (problems.length > 0) throw new ShutdownError(problems.join('\n'))
    },
  }
}

async function keepUp(running: RunningParts, options: SupervisorOptions, ending: AbortSignal): Promise<void> {
  const ended = once(ending, 'abort')
  for (let failures = 0; !ending.aborted;) {
    const upAt = performance.now()
    const failure = await running.untilFailure(ended)
    if (!failure) return
    if (performance.now() - upAt > steadyMs) failures = 0
    failures = await repair(running, failure, { ...options, ending, failures })
  }
}

type Repair = SupervisorOptions & { ending: AbortSignal; failures: number }

/** Returns the number of failures in a row by now. */
async function repair(running: RunningParts, first: Failure, options: Repair): Promise<number> {
  const { log, ending, onUp, onDown, pauses = { baseMs: 200, maxMs: 30_000 } } = options
  let failures = options.failures
  await onDown().catch((error: unknown) => log.error(messageOf(error)))
  for (
    let failure: Failure | undefined = first;
    failure && !ending.aborted;
    failure = await bringUp(running, options)
  ) {
    await running.suspend(failure.part)
    const pauseMs = backoffMs(++failures, pauses)
    const after = `${(pauseMs / 1000).toFixed(1)} s`
    log.error(`${failure.part.name} failed: ${messageOf(failure.error)}; starting it again in ${after}`)
    await sleep(pauseMs, ending)
  }
  if (!ending.aborted) await onUp().catch((error: unknown) => log.error(messageOf(error)))
  return failures
}

/** Starts what is missing; the first failure, also of a part that ended meanwhile. */
async function bringUp(running: RunningParts, { ending }: Repair): Promise<Failure | undefined> {
  for (const part of running.missing) {
    if (ending.aborted || running.failure) break
    try {
      await running.start(part)
    } catch (error) {
      return { part, error }
    }
  }
  return running.failure
}
