import type { JsonObject } from '../../../platform/json.ts'
import { withFields } from '../json-path.ts'

/** Fields of an Event that `events.k8s.io/v1` calls differently from `v1`, in which events are stored. */
const names = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
} as const

/** A `v1` Event as `events.k8s.io/v1` says it. */
export function toEventsV1(event: JsonObject): JsonObject {
  return { ...renamed(event, Object.entries(names)), apiVersion: 'events.k8s.io/v1' }
}

/** An `events.k8s.io/v1` Event as `v1` says it. */
export function toCoreV1(event: JsonObject): JsonObject {
  const back = Object.entries(names).map(([core, regrouped]): [string, string] => [regrouped, core])
  return { ...renamed(event, back), apiVersion: 'v1' }
}

function renamed(event: JsonObject, pairs: readonly (readonly [string, string])[]): JsonObject {
  return pairs.reduce((object, [from, to]) => withFields(object, { [from]: undefined, [to]: object[from] }), event)
}
