import { createHash } from 'node:crypto'

/** The numbers that the plan decides by, from the settings of the process. */
export type Policy = {
  /** A start that is not healthy by then has failed. */
  startTimeoutMs: number
  /** A machine that prepares an engine for so long will not get done: fetching its image is part of it. */
  prepareTimeoutMs: number
  /** An engine that was healthy and does not answer for so long is replaced. */
  unresponsiveAfterMs: number
  /** So many engines, and more than this share of all, that do not answer at once are not replaced for it. */
  silence: { atLeast: number; share: number }
  /** How often a running engine is asked whether it is well. */
  healthCheckMs: number
  /** An engine that ran for so long was no failure when it ends. */
  stableAfterMs: number
  restartBackoff: { baseMs: number; maxMs: number }
  turnAttempts: number
  turnBackoff: { baseMs: number; maxMs: number }
  /** Due turns given up in a row before the game is paused. */
  turnFailureLimit: number
  /** A turn later than this was missed: `catchUp` says what becomes of it. */
  missedAfterMs: number
  /** An engine that sleeps is started so long before its turn is due. */
  wakeLeadMs: number
  /** An engine stays awake at least so long, for those who woke it. */
  minAwakeMs: number
  /** Where EngineVersions for all namespaces stand. */
  engineVersionNamespace: string
}

export const defaultPolicy: Policy = {
  startTimeoutMs: 60_000,
  prepareTimeoutMs: 600_000,
  unresponsiveAfterMs: 30_000,
  // Two of two are replaced, as before. A node or an engine that is bad concerns a part; most of them, the way to them.
  silence: { atLeast: 3, share: 0.5 },
  healthCheckMs: 15_000,
  stableAfterMs: 60_000,
  restartBackoff: { baseMs: 2000, maxMs: 300_000 },
  turnAttempts: 3,
  turnBackoff: { baseMs: 1000, maxMs: 30_000 },
  turnFailureLimit: 3,
  missedAfterMs: 30_000,
  wakeLeadMs: 10_000,
  minAwakeMs: 5000,
  engineVersionNamespace: 'default',
}

/**
 * The wait after `failures` in a row: none after the first (an engine that is killed comes back at once), then doubling
 * up to the cap. The plan is pure, so the jitter that keeps games from coming back together is taken from `seed`.
 */
export function waitMs(failures: number, { baseMs, maxMs }: { baseMs: number; maxMs: number }, seed: string): number {
  if (failures <= 1) return 0
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 2, 30))
  return Math.round(full * (0.75 + fraction(`${seed}/${failures}`) / 4))
}

function fraction(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE(0) / 2 ** 32
}
