import { dumpYaml, loadAllYaml } from '@kubernetes/client-node'
import type { JsonObject } from '../json.ts'

/*
 * The library's YAML functions turn a Kubernetes object into an instance of a class on the way and lose every field that
 * the class does not have, so that a misspelt field would go unnoticed. Below a key of its own, the object is left as it
 * is; that an empty document is no object does not matter there either.
 */

export type YamlDocument = { line: number; value: unknown }

/**
 * The documents of a YAML (or JSON) text, without the empty ones; `line` is where each begins, from 1.
 * @throws Error naming the place, when the text is no YAML
 */
export function parseYaml(text: string): YamlDocument[] {
  return splitDocuments(text).flatMap(({ line, text }) => {
    // The wrapping line takes the place of the one before the document, so that errors name the right line.
    const wrapped = `${'\n'.repeat(Math.max(line - 2, 0))}${wrapper}:\n${text.replace(/^/gm, ' ')}`
    const [value] = loadAllYaml(wrapped).map((document: unknown) => unwrap(document))
    return value === null || value === undefined ? [] : [{ line, value }]
  })
}

/** YAML as kubectl writes it. */
export function formatYaml(value: JsonObject): string {
  const text = dumpYaml({ [wrapper]: value }, { lineWidth: -1, noRefs: true }).slice(`${wrapper}:`.length)
  return text.replace(/^\s/, '').replace(/^ {2}/gm, '')
}

const wrapper = 'document'

function unwrap(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, wrapper)?.value
    : undefined
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
