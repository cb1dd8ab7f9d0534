import { z } from 'zod'
import { table } from './table.ts'
import { oneLine } from './text.ts'

const AnyObject = z.record(z.string(), z.unknown())
type AnyObject = z.infer<typeof AnyObject>

/** What lies deeper is written as JSON. */
const deepest = 8
/** Lists of so many plain values stand on one line. */
const mostInLine = 20

/** Anything that is JSON, for people: members below each other, lists of like objects as tables. */
export function renderTree(value: unknown, options: { width?: number } = {}): string {
  const lines = linesOf(value, 0, options)
  return lines.length === 0 ? 'Nothing is reported.\n' : `${lines.join('\n')}\n`
}

function linesOf(value: unknown, depth: number, options: { width?: number }): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => member('-', item, depth, options))
  const object = AnyObject.safeParse(value)
  if (!object.success) return [plain(value)]
  return Object.entries(object.data).flatMap(([name, item]) => member(`${oneLine(name)}:`, item, depth, options))
}

function member(label: string, value: unknown, depth: number, options: { width?: number }): string[] {
  const indent = '  '.repeat(depth)
  if (depth >= deepest && typeof value === 'object') return [`${indent}${label} ${asJson(value)}`]
  if (typeof value === 'string' && value.includes('\n'))
    return [`${indent}${label}`, ...quotedLines(value, `${indent}  `)]
  if (isPlain(value)) return [`${indent}${label} ${plain(value)}`]
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${indent}${label} none`]
    if (value.length <= mostInLine && value.every((item) => isPlain(item) && !isText(item))) {
      return [`${indent}${label} ${value.map(plain).join(', ')}`]
    }
    const rows = z.array(AnyObject).safeParse(value)
    if (rows.success && rows.data.every((row) => Object.values(row).every(isPlain))) {
      return tableLines(label, rows.data, indent, options)
    }
  }
  const inner = linesOf(value, depth + 1, options)
  return inner.length === 0 ? [`${indent}${label} none`] : [`${indent}${label}`, ...inner]
}

function tableLines(
  label: string,
  rows: readonly AnyObject[],
  indent: string,
  { width = Infinity }: { width?: number },
) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const text = table(
    label,
    names.map(oneLine),
    rows.map((row) => names.map((name) => (row[name] === undefined ? undefined : plain(row[name])))),
    { width: width - indent.length },
  )
  return text
    .trimEnd()
    .split('\n')
    .map((line) => indent + line)
}

/** Each line is marked, so that text of other people cannot look like lines of ours. */
function quotedLines(text: string, indent: string): string[] {
  return text.split(/\r?\n/).map((line) => `${indent}| ${line}`.trimEnd())
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && /[\s,]/.test(value)
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value !== 'object'
}

function plain(value: unknown): string {
  if (typeof value === 'string') return oneLine(value)
  return value === null ? 'none' : JSON.stringify(value)
}

/** Too deep for JSON to be written is too deep to be read. */
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof RangeError) return '…'
    throw error
  }
}
