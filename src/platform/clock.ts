import { setTimeout as delay } from 'node:timers/promises'

/** The time, injected so that tests decide what it is. */
export type Clock = { now: () => Date }

export const systemClock: Clock = { now: () => new Date() }

/** Waits until the work has ended, well or badly, for at most `ms`. Returns whether it has. */
export async function settledWithin(ms: number, work: PromiseLike<unknown>): Promise<boolean> {
  const settled = new AbortController()
  const ended = Promise.resolve(work).then(
    () => true,
    () => true,
  )
  const hasEnded = await Promise.race([ended, sleep(ms, settled.signal).then(() => false)])
  settled.abort()
  return hasEnded
}
/**
 * A clock that nobody can set: for waits, and for all that only compares two of its moments. What it shows drifts away
 * from the time of day, so no moment of it may be stored, sent or shown.
 */
export const steadyClock: Clock = { now: () => new Date(performance.timeOrigin + performance.now()) }

/** Timers of Node.js that are set for longer fire at once. */
const longestTimerMs = 2 ** 31 - 1

/** Waits; returns early, without an error, when `signal` fires. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(Math.min(ms, longestTimerMs), undefined, signal ? { signal } : {}).catch(() => undefined)
  if (ms > longestTimerMs && !signal?.aborted) await sleep(ms - longestTimerMs, signal)
}
