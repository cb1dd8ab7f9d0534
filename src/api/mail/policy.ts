import type { Lane } from './model.ts'

export type MailPolicy = {
  /** Attempts at once in each lane of a replica, and so its connections to the mail server. */
  connections: Readonly<Record<Lane, number>>
  /** Of them, attempts at once to one domain. */
  perDomain: number
  /** An attempt that has had no answer for so long gives way when other mail waits for its connection. */
  giveWayAfterMs: number
  /** A whole attempt, from connecting to the answer to the content. */
  attemptMs: number
  /** A claim whose worker is gone is due again so long after an attempt would have ended. */
  leaseMarginMs: number
  /** A delivery is quarantined after so many claims in a row whose outcome was never written. */
  maxUnrecorded: number
  /** A delivery that has failed so often is given up. */
  maxFailures: number
  /** The longest pause between two looks into the outbox. */
  pollMs: number
  /** How long an end waits for the attempts in progress before it breaks them off. */
  drainMs: number
  /** For how long it is remembered what became of a mail, and of one that was never to be sent. */
  keepFinalMs: number
  keepDecoysMs: number
  /** Once in so long, so many at most are forgotten; if there are more, it goes on with the next look. */
  pruneEveryMs: number
  prunedAtOnce: number
}

const dayMs = 86_400_000

export const defaultMailPolicy: MailPolicy = {
  connections: { sign_in: 16, general: 4 },
  perDomain: 4,
  giveWayAfterMs: 3_000,
  attemptMs: 30_000,
  leaseMarginMs: 15_000,
  maxUnrecorded: 3,
  maxFailures: 8,
  pollMs: 1_000,
  drainMs: 10_000,
  keepFinalMs: 30 * dayMs,
  keepDecoysMs: dayMs,
  pruneEveryMs: 60_000,
  prunedAtOnce: 500,
}

/** An attempt that gave way to other mail is made up for soon; the next one has twice the time. */
export const gaveWayRetryMs = 5_000

const retryBaseMs = 30_000
const retryCapMs = 3_600_000

/** The wait after the n-th failure, n from 1: 30 s, doubling up to an hour, a quarter more or less. */
export function retryAfterMs(failures: number, random: () => number): number {
  const full = Math.min(retryCapMs, retryBaseMs * 2 ** Math.min(failures - 1, 30))
  return Math.round(full * (0.75 + random() / 2))
}

/** The wait after the n-th time the server had no connection left, n from 1: 1 s, doubling up to 30 s, a quarter more or less. */
export function busyAfterMs(deliveries: number, random: () => number): number {
  const full = Math.min(30_000, 1000 * 2 ** Math.min(deliveries - 1, 30))
  return Math.round(full * (0.75 + random() / 2))
}
