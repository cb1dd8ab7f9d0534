import type { Clock } from '../platform/clock.ts'

export type OrphanWatch = Disposable & { called: () => void }

type OrphanNeeds = {
  graceMs: number
  clock: Clock
  /** The parent's process id now. */
  parent: () => number
  onOrphaned: () => void
}

/**
 * Finds out that the process that started this one is gone and that nobody has called for `graceMs`: another
 * platform process has not adopted this engine, so it must not run for ever.
 */
export function watchForOrphaning({ graceMs, clock, parent, onOrphaned }: OrphanNeeds): OrphanWatch {
  const first = parent()
  let calledAt = clock.now().getTime()
  let alone = false
  const timer = setInterval(check, Math.min(Math.max(graceMs / 4, 20), 5000)).unref()
  return { called, [Symbol.dispose]: () => clearInterval(timer) }

  function called(): void {
    calledAt = clock.now().getTime()
  }

  function check(): void {
    if (parent() === first) return
    // The platform gets the whole grace to come back, even if the game had long been quiet when it died.
    if (!alone) called()
    alone = true
    if (clock.now().getTime() - calledAt < graceMs) return
    clearInterval(timer)
    onOrphaned()
  }
}
