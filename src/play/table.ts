import { amount, clipped, columnsOf, oneLine } from './text.ts'

export type Cell = string | number | undefined

const gap = '  '
const indent = '  '

/** No column of text is made narrower than this to fit a terminal. */
const narrowest = 8

/**
 * A table of aligned columns, numbers to the right; '' without rows. Columns that nothing stands in are left out. With a
 * `width`, long texts are cut so that the lines fit into so many columns.
 */
export function table(
  title: string,
  headers: readonly string[],
  rows: readonly (readonly Cell[])[],
  { width = Infinity }: { width?: number } = {},
): string {
  if (rows.length === 0) return ''
  const columns = headers.flatMap((header, index) => {
    const cells = rows.map((row) => row[index])
    return cells.some((cell) => cell !== undefined && cell !== '') ? [columnOf(header, cells)] : []
  })
  const aligned = fitted(columns, width - indent.length).map(alignedTexts)
  const lines = [-1, ...rows.keys()].map((row) => aligned.map((texts) => texts[row + 1] ?? '').join(gap))
  return `${[title, ...lines.map((line) => `${indent}${line}`.trimEnd())].join('\n')}\n`
}

type Column = { texts: readonly string[]; numeric: boolean; width: number }

function columnOf(header: string, cells: readonly Cell[]): Column {
  const texts = [header, ...cells.map(textOf)]
  const numeric = cells.every((cell) => cell === undefined || typeof cell === 'number')
  return { texts, numeric, width: Math.max(...texts.map(columnsOf)) }
}

/** Takes from the widest column of text until the line fits, or nothing can be taken any more. */
function fitted(columns: readonly Column[], width: number): readonly Column[] {
  const excess = columns.reduce((sum, column) => sum + column.width + gap.length, -gap.length) - width
  if (excess <= 0) return columns
  const [widest, next] = columns
    .filter((column) => !column.numeric && column.width > narrowest)
    .toSorted((a, b) => b.width - a.width)
  if (!widest) return columns
  const target = Math.max(narrowest, widest.width - excess, (next?.width ?? 0) - 1)
  return fitted(
    columns.map((column) => (column === widest ? { ...column, width: Math.min(target, widest.width - 1) } : column)),
    width,
  )
}

function alignedTexts({ texts, numeric, width }: Column): string[] {
  return texts.map((text) => {
    const shown = clipped(text, width)
    const blanks = ' '.repeat(Math.max(0, width - columnsOf(shown)))
    return numeric ? blanks + shown : shown + blanks
  })
}

function textOf(cell: Cell): string {
  return typeof cell === 'number' ? amount(cell) : oneLine(cell ?? '')
}
