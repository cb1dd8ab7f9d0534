import type { JsonObject } from '../../../platform/json.ts'
import type { Status } from '../api-error.ts'
import { apiVersionOf, type Kind } from '../kinds/index.ts'
import { type How, renderObject } from '../read/render.ts'
import { tableOf } from '../read/table.ts'
import type { WatchEvent } from './events.ts'

/** Writes events as lines of JSON, objects rendered as the client asked. */
export function createEncoder(how: Omit<How, 'now'>, now: () => Date): (event: WatchEvent) => string {
  let isFirst = true
  return (event) => {
    if (event.type === 'BOOKMARK') return line(event.type, JSON.stringify(bookmarkOf(how, event)))
    const { type, stored } = event
    if (how.as !== 'table') return line(type, renderObject({ ...how, now: now() }, stored))
    const table = tableOf({ ...how, now: now() }, [stored], { resourceVersion: String(stored.version) })
    // A client keeps the columns of the first event.
    const sent = isFirst ? table : { ...table, columnDefinitions: null }
    isFirst = false
    return line(type, JSON.stringify(sent))
  }
}

/** The last thing a watch says when it cannot go on. */
export function encodeError(status: Status): string {
  return line('ERROR', JSON.stringify(status))
}

function line(type: string, object: string): string {
  return `{"type":"${type}","object":${object}}\n`
}

type Bookmark = Extract<WatchEvent, { type: 'BOOKMARK' }>

function bookmarkOf({ kind, as }: { kind: Kind; as: How['as'] }, { version, initialEventsEnd }: Bookmark): JsonObject {
  const annotations = initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  const metadata = { resourceVersion: String(version), creationTimestamp: null, ...annotations }
  if (as === 'partial') return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
  const marker = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata }
  if (as === 'object') return marker
  const rows = [{ cells: [], object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata } }]
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: null, rows }
}
