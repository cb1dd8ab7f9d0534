import { backoffMs } from '../../platform/backoff.ts'
import type { Clock } from '../../platform/clock.ts'

const pauses = { baseMs: 10_000, maxMs: 300_000 }

/** An attempt that the circuit has let through. */
export type Trial = { generation: number; isProbe: boolean }

export type Circuit = ReturnType<typeof createCircuit>

/**
 * Open: nothing can be sent now, whichever mail it is, so nothing is tried. After a pause, which grows, one mail may try;
 * how that ends opens or closes it again. Attempts that began before it last opened say nothing new.
 */
export function createCircuit({ clock, random }: { clock: Clock; random: () => number }) {
  let failures = 0
  let closedAgainAt = 0
  /** Raised each time it opens. */
  let generation = 0
  let probe: Trial | undefined

  return {
    isOpen: () => failures > 0,
    mayTry: () => failures === 0 || (probe === undefined && clock.now().getTime() >= closedAgainAt),
    begin: (): Trial => {
      const trial = { generation, isProbe: failures > 0 }
      if (trial.isProbe) probe = trial
      return trial
    },
    /** However it went. */
    end: (trial: Trial) => {
      if (probe === trial) probe = undefined
    },
    /** Returns how long it stays open; undefined when it has been opened since the attempt began. */
    open: (trial: Trial) => {
      if (trial.generation !== generation) return undefined
      generation += 1
      failures += 1
      const pauseMs = backoffMs(failures, { ...pauses, random })
      closedAgainAt = clock.now().getTime() + pauseMs
      return pauseMs
    },
    /** Returns whether that closed it. */
    close: (trial: Trial) => {
      if (failures === 0 || trial.generation !== generation) return false
      failures = 0
      return true
    },
  }
}
