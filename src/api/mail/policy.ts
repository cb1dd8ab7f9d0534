export type MailPolicy = {
  /** After this a claim whose worker is gone is due again. Longer than any attempt takes. */
  leaseMs: number
  /** A delivery that has failed so often is given up. */
  maxFailures: number
  /** The longest pause between two looks into the outbox. */
  pollMs: number
  /** How long an end waits for the attempt in progress before it breaks it off. */
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
  leaseMs: 120_000,
  maxFailures: 8,
  pollMs: 1_000,
  drainMs: 10_000,
  keepFinalMs: 30 * dayMs,
  keepDecoysMs: dayMs,
  pruneEveryMs: 60_000,
  prunedAtOnce: 500,
}

const retryBaseMs = 30_000
const retryCapMs = 3_600_000

/** The wait after the n-th failure, n from 1: 30 s, doubling up to an hour, a quarter more or less. */
export function retryAfterMs(failures: number, random: () => number): number {
  const full = Math.min(retryCapMs, retryBaseMs * 2 ** Math.min(failures - 1, 30))
  return Math.round(full * (0.75 + random() / 2))
}
