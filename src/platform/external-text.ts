import { isRawNumber } from './json.ts'

export type ExternalTextOptions = {
  /** Characters at most; a longer text is cut and ends with an ellipsis. */
  maxLength?: number
  /** Keeps line feeds and tabs; otherwise the text becomes one line. */
  multiline?: boolean
}

/**
 * Everything that Postgres refuses (NUL, half a surrogate pair), that terminals obey (control characters), or that makes
 * a line read differently from what it is (marks of direction, separators of lines).
 */
const unsafe = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu
const whitespace = new Set(['\t', '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029'])
const replacement = '\uFFFD'

/**
 * Returns text from outside (a mail server's reply, an engine's answer, an error of Kubernetes or Docker) so that it can
 * be stored, logged and shown: bounded in length, well-formed, without control characters. Unsafe characters become
 * U+FFFD, unsafe white space becomes a space. Idempotent.
 */
export function externalText(text: string, { maxLength = 2000, multiline = false }: ExternalTextOptions = {}): string {
  const bounded = text.length > maxLength ? `${cut(text, maxLength - 1)}…` : text
  const lines = multiline ? bounded.replaceAll('\r\n', '\n') : bounded
  return lines.replace(unsafe, (character) => {
    if (multiline && (character === '\n' || character === '\t')) return character
    return whitespace.has(character) ? ' ' : replacement
  })
}

/** The first `length` code units, without half a character at the end. */
function cut(text: string, length: number): string {
  const kept = text.slice(0, length)
  return kept.isWellFormed() ? kept : kept.replace(/[\uD800-\uDBFF]$/, '')
}

/** Deeper nesting overflows the stack of whoever walks or serialises the value. */
const maxJsonDepth = 100

/** True for a JSON value that is nested deeper than `levels`; walks without recursion. */
export function isDeeperThan(value: unknown, levels: number = maxJsonDepth): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth < levels; depth += 1) {
    level = level.filter(isContainer).flatMap((each) => Object.values(each))
    if (level.length === 0) return false
  }
  return level.some(isContainer)
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !isRawNumber(value)
}

/**
 * A JSON value from outside with every text in it, member names included, as `externalText` makes it, but of any length.
 * What is nested deeper than `maxJsonDepth` becomes null.
 */
export function externalJson(value: unknown, depth = maxJsonDepth): unknown {
  if (typeof value === 'string') return wholeText(value)
  if (!isContainer(value)) return value
  if (depth === 0) return null
  if (Array.isArray(value)) return value.map((each) => externalJson(each, depth - 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [wholeText(name), externalJson(each, depth - 1)]),
  )
}

function wholeText(text: string): string {
  return externalText(text, { maxLength: Number.POSITIVE_INFINITY, multiline: true })
}
