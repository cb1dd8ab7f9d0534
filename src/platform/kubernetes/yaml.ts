import { dump, loadAll } from 'js-yaml'
import type { JsonObject } from '../json.ts'

export type YamlDocument = { line: number; value: unknown }

/**
 * The documents of a YAML (or JSON) text, without the empty ones; `line` is where each begins, from 1.
 * @throws Error naming the place, when the text is no YAML
 */
export function parseYaml(text: string): YamlDocument[] {
  return splitDocuments(text).flatMap(({ line, text }) => {
    // Empty lines in place of the documents before it, so that errors name the right line.
    const [value] = loadAll(`${'\n'.repeat(line - 1)}${text}`)
    return value === null || value === undefined ? [] : [{ line, value }]
  })
}

/** YAML as kubectl writes it. */
export function formatYaml(value: JsonObject): string {
  return dump(value, { lineWidth: -1, noRefs: true })
}

/** `---` at the start of a line always ends a document, also inside a text block (YAML 1.2.2, section 9.1.2). */
function splitDocuments(text: string): { line: number; text: string }[] {
  const documents: { line: number; text: string }[] = [{ line: 1, text: '' }]
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (/^---(\s|$)/.test(line)) documents.push({ line: index + 1, text: `${line.slice(3)}\n` })
    else if (!/^(\.\.\.\s*$|%)/.test(line)) documents.push(appended(documents.pop(), line))
  }
  return documents
}

function appended(document: { line: number; text: string } | undefined, line: string) {
  return { line: document?.line ?? 1, text: `${document?.text ?? ''}${line}\n` }
}
