/** Time and chance, so that tests decide about them. */
export type ClientClock = {
  nowMs: () => number
  /** Waits; returns early, without an error, when the signal fires. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /** From 0 to 1. */
  random: () => number
}

export const systemClock: ClientClock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const finish = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, ms)
      signal?.addEventListener('abort', finish)
    }),
  random: () => Math.random(),
}

/** The gateway's time, as far as it has told: requests are stamped with it, so that a wrong clock here does no harm. */
export type GatewayTime = { nowMs: () => number; learn: (serverTimeMs: number) => void }

export function createGatewayTime({ nowMs }: ClientClock): GatewayTime {
  let offsetMs = 0
  return {
    nowMs: () => nowMs() + offsetMs,
    learn: (serverTimeMs) => {
      offsetMs = serverTimeMs - nowMs()
    },
  }
}

/** Full jitter: anything up to a limit that doubles with each failure. `failures` counts from 1. */
export function jitteredMs(failures: number, { random }: ClientClock, baseMs: number, maxMs: number): number {
  return Math.round(random() * Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30)))
}
