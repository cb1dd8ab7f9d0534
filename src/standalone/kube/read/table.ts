import type { JsonObject } from '../../../platform/json.ts'
import { type Kind, servedForm } from '../kinds/index.ts'
import type { Stored } from '../store/index.ts'
import { cellsOf, columnsOf, type TableColumn } from '../table/index.ts'

type TableRequest = { kind: Kind; include: string | null; now: Date }

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
export function tableOf(
  { kind, include, now }: TableRequest,
  items: readonly Stored[],
  metadata: JsonObject,
): JsonObject {
  const cells = cellsFor(kind, now)
  const rows = items.map((stored) => {
    const object = servedForm(kind, stored.object)
    return { cells: cells(object), ...carried(object, include) }
  })
  const columnDefinitions = kind.table?.columns ?? columnsOf(kind.columns).map(withoutPath)
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions, rows }
}

function withoutPath({ jsonPath: _jsonPath, ...column }: TableColumn): Omit<TableColumn, 'jsonPath'> {
  return column
}

function cellsFor({ table, columns }: Kind, now: Date): (object: JsonObject) => unknown[] {
  if (table) return (object) => table.cells(object, now)
  const prepared = columnsOf(columns)
  return (object) => cellsOf(prepared, object, now)
}

function carried(object: JsonObject, include: string | null): JsonObject {
  if (include === 'None') return {}
  if (include === 'Object') return { object }
  const { metadata } = object
  return { object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata } }
}
