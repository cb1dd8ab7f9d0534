import type { PrinterColumn } from '../../../resources/index.ts'

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
export type TableColumn = {
  name: string
  type: string
  format: string
  description: string
  /** 0 is always shown, more only with `-o wide`. */
  priority: number
  /** Where a cell's value is; absent for the name. */
  jsonPath?: string
}

const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Unique within a namespace and a kind.',
  priority: 0,
}

const ageColumn: TableColumn = {
  name: 'Age',
  type: 'date',
  format: '',
  description: 'How old the object is.',
  priority: 0,
  jsonPath: '.metadata.creationTimestamp',
}

/** The columns of a table of a kind: its name, and then its own ones or its age. */
export function columnsOf(printerColumns: readonly PrinterColumn[]): TableColumn[] {
  if (printerColumns.length === 0) return [nameColumn, ageColumn]
  return [nameColumn, ...printerColumns.map((column) => ({ ...column, format: '' }))]
}
