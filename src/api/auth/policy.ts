const minuteMs = 60_000
const dayMs = 86_400_000

/** At most `max` in any `withinMs`. */
export type Budget = { max: number; withinMs: number }

export type AuthPolicy = {
  /** How long a code is good. */
  codeTtlMs: number
  /** How long the same device may ask again what came of its confirmation. */
  repeatWithinMs: number
  /** Guesses at one code. */
  maxAttempts: number
  /** Mails to one address. */
  sends: readonly Budget[]
  /** Confirmations for one address that do not succeed, whatever number of codes they are spread over. */
  failures: Budget
}

export const defaultAuthPolicy: AuthPolicy = {
  codeTtlMs: 10 * minuteMs,
  repeatWithinMs: minuteMs,
  maxAttempts: 5,
  sends: [
    { max: 1, withinMs: minuteMs },
    { max: 5, withinMs: 60 * minuteMs },
    { max: 10, withinMs: dayMs },
  ],
  failures: { max: 20, withinMs: dayMs },
}

/** What has happened to an address lately. */
export type Happening = { at: Date; sends: number; failures: number }

/** Whether one more mail may go to the address. Not when no code could be confirmed: it would be a riddle to its reader. */
export function maySend(happenings: readonly Happening[], { sends, failures }: AuthPolicy, now: Date): boolean {
  return (
    sends.every((budget) => countWithin(happenings, 'sends', budget, now) < budget.max) &&
    countWithin(happenings, 'failures', failures, now) < failures.max
  )
}

/** Since when happenings still count for some budget. */
export function lookBackMs({ sends, failures }: AuthPolicy): number {
  return Math.max(failures.withinMs, ...sends.map(({ withinMs }) => withinMs))
}

function countWithin(
  happenings: readonly Happening[],
  what: 'sends' | 'failures',
  { withinMs }: Budget,
  now: Date,
): number {
  const since = now.getTime() - withinMs
  return happenings.filter(({ at }) => at.getTime() > since).reduce((sum, happening) => sum + happening[what], 0)
}
