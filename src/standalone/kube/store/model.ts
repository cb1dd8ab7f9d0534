import type { JsonObject } from '../../../platform/json.ts'
import { withMetadata } from '../json-path.ts'

/** Where an object is kept: `kind` is the plural name and the group, `namespace` is '' for cluster-scoped kinds. */
export type StoreKey = { kind: string; namespace: string; name: string }

/** One version of one object. Shared between readers and never changed in place. */
export type Stored = StoreKey & {
  /** The resourceVersion. */
  version: number
  object: JsonObject
  /** `object` as JSON text, made once: lists and watches send it again and again. */
  json: string
}

export type LogEntry = {
  version: number
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** After the write; for DELETED the last state, with the version of the deletion. */
  stored: Stored
  previous: Stored | undefined
}

/** Names an object within its kind. Objects of a kind are listed in the order of these texts. */
export function pathOf({ namespace, name }: Omit<StoreKey, 'kind'>): string {
  return `${namespace}/${name}`
}

/** The object as it is stored: with `version` as its resourceVersion; 0 is none, for what is not stored in the end. */
export function storedAs({ kind, namespace, name }: StoreKey, version: number, object: JsonObject): Stored {
  const whole = withMetadata(object, { resourceVersion: version === 0 ? undefined : String(version) })
  return { kind, namespace, name, version, object: whole, json: JSON.stringify(whole) }
}
