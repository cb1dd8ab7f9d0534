import type { JsonObject } from '../../../platform/json.ts'
import { type Kind, servedForm } from '../kinds/index.ts'
import type { Stored } from '../store/index.ts'
import { cellsOf, columnsOf } from '../table/index.ts'

const nameColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Unique within a namespace and a kind.',
  priority: 0,
}

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
    return { cells: [stored.name, ...cells(object)], ...carried(object, include) }
  })
  const columns = kind.table?.columns ?? columnsOf(kind.columns)
  const columnDefinitions = [nameColumn, ...columns.map((column) => ({ format: '', ...column }))]
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions, rows }
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
