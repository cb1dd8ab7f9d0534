import type { JsonObject } from '../../../platform/json.ts'
import { listAt, textAt, valueAt } from '../json-path.ts'
import { humanDuration } from '../table/index.ts'
import { toCoreV1, toEventsV1 } from './event-views.ts'
import { type CustomTable, type Kind, plainKind } from './kind.ts'
import { integer, kindSchema, object, reference, text, time } from './schemas.ts'

const source = object('Who reported it.', { component: text('The component.'), host: text('The node.') })
const series = object('How often it happened.', {
  count: integer('Times it happened so far.'),
  lastObservedTime: time('When it happened last.'),
})

const shared = {
  ...plainKind,
  storedAs: 'events',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  singular: 'event',
  listKind: 'EventList',
  shortNames: ['ev'],
}

const commonFields = {
  reason: text('One word for why.'),
  type: text('Normal or Warning.'),
  eventTime: time('When it happened first.'),
  series,
  action: text('What was done.'),
  related: reference('A second object it is about.'),
  reportingInstance: text('Which instance reported it.'),
}

const involved = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']

function selectable(object: string): string[] {
  return involved.map((field) => `${object}.${field}`)
}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/, in the form of the core group. */
export const coreEventKind: Kind = {
  ...shared,
  group: '',
  schema: kindSchema(
    'Something that happened to an object.',
    {
      ...commonFields,
      involvedObject: reference('The object it is about.'),
      message: text('For people.'),
      source,
      firstTimestamp: time('When it happened first.'),
      lastTimestamp: time('When it happened last.'),
      count: integer('How often it happened.'),
      reportingComponent: text('The controller that reported it.'),
    },
    ['involvedObject'],
  ),
  fields: [...selectable('involvedObject'), 'reason', 'type', 'reportingComponent'],
  table: { columns: tableColumns(), cells: (event, now) => eventCells(event, now) },
}

/** The same events, as `events.k8s.io/v1` says them. */
export const regroupedEventKind: Kind = {
  ...shared,
  group: 'events.k8s.io',
  schema: kindSchema('Something that happened to an object.', {
    ...commonFields,
    regarding: reference('The object it is about.'),
    note: text('For people.'),
    deprecatedSource: source,
    deprecatedFirstTimestamp: time('When it happened first.'),
    deprecatedLastTimestamp: time('When it happened last.'),
    deprecatedCount: integer('How often it happened.'),
    reportingController: text('The controller that reported it.'),
  }),
  fields: [...selectable('regarding'), 'reason', 'type', 'reportingController'],
  view: { read: toEventsV1, write: toCoreV1 },
  table: { columns: tableColumns(), cells: (event, now) => eventCells(toCoreV1(event), now) },
}

function tableColumns(): CustomTable['columns'] {
  const column = (name: string, description: string, priority = 0) => ({
    name,
    type: 'string',
    format: '',
    description,
    priority,
  })
  return [
    column('Last Seen', 'How long ago it happened last.'),
    column('Type', 'Normal or Warning.'),
    column('Reason', 'One word for why.'),
    column('Object', 'The object it is about.'),
    column('Subobject', 'The part of the object that is meant.', 1),
    column('Source', 'Who reported it.', 1),
    column('Message', 'For people.'),
    column('First Seen', 'How long ago it happened first.', 1),
    column('Count', 'How often it happened.', 1),
    column('Name', 'Name of the event.', 1),
  ]
}

/** As kubectl prints events: https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go */
function eventCells(event: JsonObject, now: Date): unknown[] {
  const first = textAt(event, ['firstTimestamp']) || textAt(event, ['eventTime'])
  const last = textAt(event, ['series', 'lastObservedTime']) || textAt(event, ['lastTimestamp']) || first
  const component = textAt(event, ['source', 'component']) || textAt(event, ['reportingComponent'])
  const host = textAt(event, ['source', 'host']) || textAt(event, ['reportingInstance'])
  const involvedKind = textAt(event, ['involvedObject', 'kind']).toLowerCase()
  const involvedName = textAt(event, ['involvedObject', 'name'])
  return [
    since(last, now),
    textAt(event, ['type']),
    textAt(event, ['reason']),
    involvedName ? `${involvedKind}/${involvedName}` : involvedKind,
    textAt(event, ['involvedObject', 'fieldPath']),
    [component, host].filter(Boolean).join(', '),
    textAt(event, ['message']).trim(),
    since(first, now),
    valueAt(event, ['series', 'count']) ?? valueAt(event, ['count']) ?? 1,
    textAt(event, ['metadata', 'name']),
  ]
}

function since(timestamp: string, now: Date): string {
  const at = Date.parse(timestamp)
  return Number.isNaN(at) ? '<unknown>' : humanDuration(now.getTime() - at)
}

/** When an event was last heard of, in milliseconds since 1970. */
export function lastSeenMs(event: JsonObject): number {
  const times = [
    textAt(event, ['series', 'lastObservedTime']),
    textAt(event, ['lastTimestamp']),
    textAt(event, ['eventTime']),
    textAt(event, ['metadata', 'creationTimestamp']),
    ...listAt(event, ['metadata', 'managedFields']).map((each) => textAt(each, ['time'])),
  ]
  return Math.max(0, ...times.map((each) => Date.parse(each)).filter((ms) => !Number.isNaN(ms)))
}
