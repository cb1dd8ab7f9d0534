import type { Game } from '../../resources/index.ts'

/** Clocks of replicas differ by less. */
const toleranceMs = 5000

/** Whether a moment that has been is told as one that is yet to come: by a clock that was wrong then, or is wrong now. */
export function isYetToCome(moment: string, now: Date): boolean {
  return Date.parse(moment) > now.getTime() + toleranceMs
}

/**
 * The Game with no moment in its status that cannot have been: where a clock was wrong, now takes its place. Waits are
 * reckoned from these moments, so none lasts longer than its longest backoff, whatever a clock once said. The next turn is
 * not among them: it follows from the schedule each time.
 */
export function withoutFuture(game: Game, now: Date): Game {
  const { engine, turn, hibernation, conditions, finishedAt, ...status } = game.status
  const written = now.toISOString()
  const past = <T extends string | null | undefined>(moment: T) =>
    typeof moment === 'string' && isYetToCome(moment, now) ? written : moment
  const rejections = engine?.turnedAway && { turnedAway: { ...engine.turnedAway, at: past(engine.turnedAway.at) } }
  return {
    ...game,
    status: {
      ...status,
      ...(engine && { engine: { ...within(engine, ['startedAt', 'lastFailureAt'], past), ...rejections } }),
      ...(turn && { turn: within(turn, ['lastAt', 'lastAttemptAt'], past) }),
      ...(hibernation && { hibernation: within(hibernation, ['wokenAt'], past) }),
      ...(finishedAt !== undefined && { finishedAt: past(finishedAt) }),
      ...(conditions && {
        conditions: conditions.map((condition) => {
          const { lastTransitionTime } = condition
          return isYetToCome(lastTransitionTime, now)
            ? { ...condition, lastTransitionTime: `${written.slice(0, 19)}Z` }
            : condition
        }),
      }),
    },
  }
}

/** The object with these of its members changed, where it has them. */
function within<T extends object, K extends keyof T>(object: T, names: readonly K[], change: (value: T[K]) => T[K]): T {
  const changed = { ...object }
  for (const name of names) if (object[name] !== undefined) changed[name] = change(object[name])
  return changed
}
