import type { JsonObject } from '../../../platform/json.ts'
import { apiVersionOf, type Kind, servedForm } from '../kinds/index.ts'
import type { Stored } from '../store/index.ts'
import type { Listed } from './list.ts'
import type { Rendering } from './negotiate.ts'
import { tableOf } from './table.ts'

/** How objects are to be answered. `include` is what each row of a table carries: None, Metadata or Object. */
export type How = { kind: Kind; as: Rendering; include: string | null; now: Date }

/** JSON text of one object. */
export function renderObject(how: How, stored: Stored): string {
  const { kind, as } = how
  if (as === 'object') return kind.view ? JSON.stringify(servedForm(kind, stored.object)) : stored.json
  if (as === 'partial') return JSON.stringify(partialOf(servedForm(kind, stored.object)))
  return JSON.stringify(tableOf(how, [stored], { resourceVersion: String(stored.version) }))
}

/** JSON text of a list of objects. */
export function renderList(how: How, listed: Listed): string {
  const { kind, as } = how
  const metadata = {
    resourceVersion: String(listed.version),
    ...(listed.continue ? { continue: listed.continue } : {}),
    ...(listed.remaining ? { remainingItemCount: listed.remaining } : {}),
  }
  if (as === 'table') return JSON.stringify(tableOf(how, listed.items, metadata))
  const head =
    as === 'partial'
      ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata }
      : { kind: kind.listKind, apiVersion: apiVersionOf(kind), metadata }
  const items = listed.items.map((stored) => renderObject(how, stored))
  // The objects are text already: to parse them only to write them again would cost most of the time of a large list.
  return `${JSON.stringify(head).slice(0, -1)},"items":[${items.join(',')}]}`
}

function partialOf({ metadata }: JsonObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}
