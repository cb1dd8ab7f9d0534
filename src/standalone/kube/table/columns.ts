import type { PrinterColumn } from '../../../resources/index.ts'

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
export type TableColumn = {
  name: string
  type: string
  format: string
  description: string
  /** 0 is always shown, more only with `-o wide`. */
  priority: number
  /** Where a cell's value is. */
  jsonPath: string
}

const ageColumn: TableColumn = {
  name: 'Age',
  type: 'date',
  format: '',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed ' +
    'to be set in happens-before order across separate operations. Clients may not set this value. It is represented ' +
    'in RFC3339 form and is in UTC.',
  priority: 0,
  jsonPath: '.metadata.creationTimestamp',
}

/** The columns of a table of a kind beyond the name, which every table has: its own ones, or its age. */
export function columnsOf(printerColumns: readonly PrinterColumn[]): TableColumn[] {
  return printerColumns.length === 0 ? [ageColumn] : printerColumns.map((column) => ({ ...column, format: '' }))
}
