import { backoffMs } from '../../platform/backoff.ts'
import type { Clock } from '../../platform/clock.ts'

const pauses = { baseMs: 10_000, maxMs: 300_000 }

export type Circuit = ReturnType<typeof createCircuit>

/**
 * Open: nothing can be sent now, whichever mail it is, so nothing is tried. After a pause, which grows, one mail may try;
 * how that ends opens or closes it again.
 */
export function createCircuit({ clock, random }: { clock: Clock; random: () => number }) {
  let failures = 0
  let closedAgainAt = 0

  return {
    isOpen: () => failures > 0,
    mayTry: () => failures === 0 || clock.now().getTime() >= closedAgainAt,
    /** Returns how long it stays open. */
    open: () => {
      failures += 1
      const pauseMs = backoffMs(failures, { ...pauses, random })
      closedAgainAt = clock.now().getTime() + pauseMs
      return pauseMs
    },
    close: () => {
      failures = 0
    },
  }
}
