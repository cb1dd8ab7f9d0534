import { z } from 'zod'

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
const Table = z.object({
  columnDefinitions: z.array(z.object({ name: z.string(), priority: z.number().default(0) })),
  rows: z
    .array(
      z.object({
        cells: z.array(z.unknown()),
        object: z.object({ metadata: z.object({ namespace: z.string().default('') }) }).optional(),
      }),
    )
    .nullish()
    .transform((rows) => rows ?? []),
})

const minimumWidth = 6
const padding = 3

/** A server's Table as kubectl prints it; '' when it has no rows. */
export function formatTable(
  answer: unknown,
  { wide, withNamespace }: { wide: boolean; withNamespace: boolean },
): string {
  const { columnDefinitions, rows } = Table.parse(answer)
  if (rows.length === 0) return ''
  const shown = columnDefinitions.flatMap(({ priority }, index) => (wide || priority === 0 ? [index] : []))
  const header = shown.map((index) => columnDefinitions[index]?.name.toUpperCase() ?? '')
  const body = rows.map(({ cells, object }) => [
    ...(withNamespace ? [object?.metadata.namespace ?? ''] : []),
    ...shown.map((index) => cellText(cells[index])),
  ])
  return aligned([[...(withNamespace ? ['NAMESPACE'] : []), ...header], ...body])
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  // A line break or a control sequence in a value would garble the terminal.
  return (typeof cell === 'string' ? cell : JSON.stringify(cell)).replace(/\p{Cc}/gu, ' ')
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(minimumWidth, ...lines.map((cells) => (cells[column] ?? '').length + padding)),
  )
  return lines
    .map(
      (cells) =>
        `${cells
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('')
          .trimEnd()}\n`,
    )
    .join('')
}
