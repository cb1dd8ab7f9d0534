import { canonicalJson, isObject, type JsonObject } from '../../../platform/json.ts'
import type { Schema } from '../schema/compile.ts'
import { emptySet, type FieldSet } from './field-set.ts'
import { withoutManagers } from './managers.ts'
import { fieldSetOf } from './sets-of-values.ts'

const annotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** The only manager whose objects move from client-side to server-side apply by themselves. */
export const kubectl = 'kubectl'

/** What client-side `kubectl apply` has noted as applied by it: `kubectl apply --server-side` may take it over. */
export function lastAppliedSet(schema: Schema, live: JsonObject): FieldSet {
  const text = annotationsOf(live)[annotation]
  if (typeof text !== 'string') return emptySet
  const noted = parse(text)
  return isObject(noted) ? fieldSetOf(schema, noted) : emptySet
}

/** Keeps the note of client-side apply up to date, so that going back to it finds what was applied last. */
export function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  const annotations = annotationsOf(object)
  if (!annotations[annotation]) return object
  const metadata = isObject(object['metadata']) ? object['metadata'] : {}
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [annotation]: note(applied) } } }
}

function note(applied: JsonObject): string {
  const bare = withoutManagers(applied)
  const { metadata } = bare
  const { annotations: _annotations, ...rest } = isObject(metadata) ? metadata : {}
  const { [annotation]: _note, ...annotations } = annotationsOf(bare)
  const kept = Object.keys(annotations).length > 0 ? { annotations } : {}
  // Go escapes these for HTML.
  const escape = (sign: string) => `\\u00${sign.charCodeAt(0).toString(16)}`
  return `${canonicalJson({ ...bare, metadata: { ...rest, ...kept } }).replace(/[<>&]/g, escape)}\n`
}

function annotationsOf({ metadata }: JsonObject): JsonObject {
  const annotations = isObject(metadata) ? metadata['annotations'] : undefined
  return isObject(annotations) ? annotations : {}
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
