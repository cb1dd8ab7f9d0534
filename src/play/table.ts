import { amount, oneLine } from './text.ts'

export type Cell = string | number | undefined

const gap = '  '

/** A table of aligned columns, numbers to the right; '' without rows. Columns that nothing stands in are left out. */
export function table(title: string, headers: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return ''
  const columns = headers.flatMap((header, index) => {
    const cells = rows.map((row) => row[index])
    return cells.some((cell) => cell !== undefined && cell !== '') ? [column(header, cells)] : []
  })
  const lines = [-1, ...rows.keys()].map((row) => columns.map((line) => line[row + 1] ?? '').join(gap))
  return `${[title, ...lines.map((line) => `  ${line}`.trimEnd())].join('\n')}\n`
}

/** What a reader takes for one character may be several to the computer. */
const segmenter = new Intl.Segmenter()

function lengthOf(text: string): number {
  return Array.from(segmenter.segment(text)).length
}

function column(header: string, cells: readonly Cell[]): string[] {
  const numeric = cells.every((cell) => cell === undefined || typeof cell === 'number')
  const texts = [header, ...cells.map(textOf)]
  const width = Math.max(...texts.map((text) => lengthOf(text)))
  return texts.map((text) => {
    const blanks = ' '.repeat(width - lengthOf(text))
    return numeric ? blanks + text : text + blanks
  })
}

function textOf(cell: Cell): string {
  return typeof cell === 'number' ? amount(cell) : oneLine(cell ?? '')
}
