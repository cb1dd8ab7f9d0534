import type { Log } from '../platform/log.ts'

type WatchOptions = {
  graceMs: number
  /** When the last call came, on the clock of `performance.now()`. */
  lastCallMs: () => number
  onOrphaned: () => void
  log: Log
  parent?: () => number
}

/** Ends an engine whose platform has died and that nobody has called for so long. */
export function watchParent({ graceMs, lastCallMs, onOrphaned, log, parent = () => process.ppid }: WatchOptions) {
  const first = parent()
  let orphanedAtMs: number | undefined
  const timer = setInterval(look, Math.min(Math.max(graceMs / 4, 10), 30_000))
  return { [Symbol.dispose]: () => clearInterval(timer) }

  function look(): void {
    if (parent() === first) return
    const now = performance.now()
    orphanedAtMs ??= now
    if (now - Math.max(orphanedAtMs, lastCallMs()) < graceMs) return
    log.warn({ graceMs }, 'the parent process has ended and nobody calls any more; this engine ends')
    clearInterval(timer)
    onOrphaned()
  }
}
