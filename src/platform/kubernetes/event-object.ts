import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { externalText } from '../external-text.ts'
import type { JsonObject } from '../json.ts'
import { type KubernetesObject, ObjectMeta, type ResourceKind } from './objects.ts'

/** core/v1 Event, as far as we read its answers. */
export const KubernetesEvent = z.looseObject({
  apiVersion: z.string().default('v1'),
  kind: z.string().default('Event'),
  metadata: ObjectMeta,
})
export type KubernetesEvent = z.infer<typeof KubernetesEvent>

export const eventKind: ResourceKind<KubernetesEvent> = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
  schema: KubernetesEvent,
}

export type EventText = { type: 'Normal' | 'Warning'; reason: string; message: string }

/** What is told of one object, and how often between `firstAt` and `lastAt`. */
export type Occurrence = {
  involved: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>
  event: EventText
  count: number
  firstAt: Date
  lastAt: Date
}

/** Events of cluster-scoped objects stand in `default`, where kubectl looks for them. */
export function eventNamespace({ metadata }: Occurrence['involved']): string {
  return metadata.namespace || 'default'
}

/** @param source `sequence` tells apart what was told within one millisecond */
export function eventObject(
  { involved, event, count, firstAt, lastAt }: Occurrence,
  source: { component: string; instance: string; sequence: number },
): JsonObject {
  const { name, namespace, uid, resourceVersion } = involved.metadata
  return {
    metadata: { name: eventName(name, firstAt, source.sequence), namespace: eventNamespace(involved) },
    involvedObject: { apiVersion: involved.apiVersion, kind: involved.kind, name, namespace, uid, resourceVersion },
    type: event.type,
    reason: event.reason.slice(0, 128),
    message: externalText(event.message, { maxLength: 1024, multiline: true }),
    count,
    firstTimestamp: seconds(firstAt),
    lastTimestamp: seconds(lastAt),
    source: { component: source.component, host: source.instance },
    reportingComponent: source.component,
    reportingInstance: source.instance,
  }
}

/** Names sort by time: kubectl lists by name, and the times of Events have no fractions of a second. */
function eventName(of: string, at: Date, sequence: number): string {
  const moment = at.getTime().toString(16).padStart(12, '0') + (sequence % 0x1_0000).toString(16).padStart(4, '0')
  return `${of.slice(0, 232)}.${moment}${randomBytes(2).toString('hex')}`
}

/** What changes in an Event that is told again. */
export function repetition(count: number, { event, lastAt }: Occurrence): JsonObject {
  return { count, lastTimestamp: seconds(lastAt), message: event.message.slice(0, 1024) }
}

/** metav1.Time carries no fractions. */
function seconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`
}
