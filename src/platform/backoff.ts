export type Backoff = { baseMs: number; maxMs: number; random?: () => number }

/**
 * The wait before attempt `failures + 1`: doubles from `baseMs` to at most `maxMs`, and takes a random half of it off,
 * so that what failed together does not come back together. `failures` counts from 1.
 */
export function backoffMs(failures: number, { baseMs, maxMs, random = Math.random }: Backoff): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(Math.max(failures, 1) - 1, 40))
  return Math.round(full * (1 - random() / 2))
}
