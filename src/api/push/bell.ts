/** Wakes everybody who waits at it. */
export type Bell = {
  ring: () => void
  /** Resolves true when it rings, false when `ms` pass or the signal fires first. */
  wait: (ms: number, signal: AbortSignal) => Promise<boolean>
}

export function createBell(): Bell {
  const waiting = new Set<(rang: boolean) => void>()
  return {
    ring: () => {
      for (const wake of waiting) wake(true)
    },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const wake = (rang: boolean) => {
          clearTimeout(timer)
          signal.removeEventListener('abort', giveUp)
          waiting.delete(wake)
          resolve(rang)
        }
        const giveUp = () => wake(false)
        const timer = setTimeout(giveUp, ms)
        waiting.add(wake)
        signal.addEventListener('abort', giveUp)
        if (signal.aborted) giveUp()
      }),
  }
}
