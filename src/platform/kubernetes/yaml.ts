import { LineCounter, parseDocument, stringify } from 'yaml'
import { parseExactJson } from '../exact-json.ts'
import { isObject, isRawNumber, type JsonObject } from '../json.ts'
import { readDocument, type RepeatedKey } from './yaml-nodes.ts'

export type { RepeatedKey }

/** `repeated` are keys that one mapping has twice. */
export type YamlDocument = { line: number; value: unknown; repeated: readonly RepeatedKey[] }

/**
 * The documents of a YAML (or JSON) text, without the empty ones, as kubectl reads them; `line` is where each begins, from
 * 1. Numbers are exact (see `parseExactJson`).
 * @throws Error naming the place, when the text is no YAML
 */
export function parseYaml(text: string): YamlDocument[] {
  return splitDocuments(text).flatMap(({ line, text: part }) => {
    const { value, repeated } = parseOne(part, line)
    return value === null || value === undefined ? [] : [{ line, value, repeated }]
  })
}

function parseOne(text: string, line: number): Omit<YamlDocument, 'line'> {
  const lines = new LineCounter()
  // Empty lines in place of the documents before it, so that errors name the right line.
  const document = parseDocument(`${'\n'.repeat(line - 1)}${text}`, {
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    logLevel: 'silent',
    lineCounter: lines,
  })
  const [error] = document.errors
  // Below its first line, the message shows the place.
  if (error) throw new Error((error.message.split('\n')[0] ?? '').replace(/:$/, ''), { cause: error })
  try {
    return readDocument(document, lines)
  } catch (problem) {
    // Written in YAML or not, deep nesting ends here.
    if (problem instanceof RangeError) throw new Error('nested too deeply', { cause: problem })
    throw problem
  }
}

/** YAML as kubectl writes it. */
export function formatYaml(value: JsonObject): string {
  // What YAML 1.1 would take for a boolean or a number is quoted.
  return stringify(writable(value), { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false, indentSeq: false })
}

/** Numbers that are kept as text as what the library writes like that. */
function writable(value: unknown): unknown {
  if (isRawNumber(value)) return /^-?\d+$/.test(value.rawJSON) ? BigInt(value.rawJSON) : Number(value.rawJSON)
  if (Array.isArray(value)) return value.map(writable)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, writable(each)]))
}

type Part = { line: number; text: string }

/**
 * `---` at the start of a line always ends a document, also inside a text block (YAML 1.2.2, section 9.1.2). What follows
 * `...` is passed over up to the next one, as kubectl does.
 */
function splitDocuments(text: string): Part[] {
  const parts: { line: number; lines: string[] }[] = []
  let current: string[] | undefined = begin(1, [])
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (/^---(\s|$)/.test(line)) current = begin(index + 1, [line.slice(3)])
    else if (/^\.\.\.(\s|$)/.test(line)) current = undefined
    else if (!line.startsWith('%')) current?.push(line)
  }
  return parts.map(({ line, lines }) => ({ line, text: `${lines.join('\n')}\n` }))

  function begin(line: number, lines: string[]): string[] {
    parts.push({ line, lines })
    return lines
  }
}

/**
 * The value of a text that is JSON, or else one YAML document.
 * @throws Error when it is neither
 */
export function parseOneDocument(text: string): { value: unknown; repeated: readonly RepeatedKey[] | undefined } {
  if (/^\s*[{[]/.test(text)) {
    try {
      return { value: parseExactJson(text), repeated: undefined }
    } catch {
      // A flow mapping of YAML looks much the same.
    }
  }
  const [document, another] = parseYaml(text)
  if (another) throw new Error(`there is a second document, at line ${another.line}`)
  return { value: document?.value ?? null, repeated: document?.repeated ?? [] }
}
