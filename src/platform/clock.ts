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

/** Waits; returns early, without an error, when `signal` fires. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal ? { signal } : {}).catch(() => undefined)
}
