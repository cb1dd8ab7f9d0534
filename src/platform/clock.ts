import { setTimeout as delay } from 'node:timers/promises'

/** The time, injected so that tests decide what it is. */
export type Clock = { now: () => Date }

export const systemClock: Clock = { now: () => new Date() }

/** Waits; returns early, without an error, when `signal` fires. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal ? { signal } : {}).catch(() => undefined)
}
