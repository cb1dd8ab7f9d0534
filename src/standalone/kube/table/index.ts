export { cellsOf } from './cells.ts'
export { columnsOf, type TableColumn } from './columns.ts'
export { humanDuration } from './human-duration.ts'
