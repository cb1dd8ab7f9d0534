import { externalText } from '../external-text.ts'
import type { Condition } from './objects.ts'

/** The API allows 32768; people read less. */
const maxMessageLength = 2000

export type ConditionUpdate = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/**
 * The list with `update` in it: `lastTransitionTime` moves only when the status changes, and the order of the list
 * stays, so that writing the same conditions twice changes nothing.
 */
export function withCondition(
  conditions: readonly Condition[],
  update: ConditionUpdate,
  { now, observedGeneration }: { now: Date; observedGeneration: number },
): Condition[] {
  const before = conditions.find(({ type }) => type === update.type)
  const lastTransitionTime =
    before?.status === update.status ? before.lastTransitionTime : `${now.toISOString().slice(0, 19)}Z`
  // Drivers and engines take part in the wording. A text the API would store differently would be written on every pass.
  const message = externalText(update.message, { maxLength: maxMessageLength, multiline: true })
  const after = { ...update, message, observedGeneration, lastTransitionTime }
  return before ? conditions.map((each) => (each === before ? after : each)) : [...conditions, after]
}

export function findCondition(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((each) => each.type === type)
}

export function isTrue(conditions: readonly Condition[], type: string): boolean {
  return findCondition(conditions, type)?.status === 'True'
}
