import type { Clock } from '../../../platform/clock.ts'
import type { JsonObject } from '../../../platform/json.ts'
import { forbidden, notFound } from '../api-error.ts'
import { isTerminating, type Kind, namespaceKind } from '../kinds/index.ts'
import type { Decide, Store, Stored, StoreKey } from '../store/index.ts'
import type { WriteOptions } from './options.ts'
import type { Warn } from './shape.ts'

/** The object, or the status of the object, that a request is about. */
export type Target = {
  kind: Kind
  /** '' for cluster-scoped kinds. */
  namespace: string
  name: string
  subresource: '' | 'status'
}

export type WriteDeps = { store: Store; clock: Clock }

/** One write as it was asked for. */
export type Write = {
  target: Target
  body: JsonObject
  /** What the body says twice. */
  repetitions: readonly string[]
  options: WriteOptions
  warn: Warn
}

/** What became of a write: an object, or only its `status` of success. */
export type Written = { code: 200 | 201; stored: Stored }

export function storeKeyOf({ kind, namespace, name }: Omit<Target, 'subresource'>): StoreKey {
  return { kind: kind.storedAs, namespace, name }
}

/**
 * The object that is to be changed.
 * @throws ApiError 404
 */
export function existing({ kind, name }: Target, current: Stored | undefined): Stored {
  if (!current) throw notFound(kind, name)
  return current
}

/**
 * New objects need a namespace that is there to stay.
 * @throws ApiError 404 or 403
 */
export function checkNamespace({ kind, namespace, name }: Target, newest: Parameters<Decide>[1]): void {
  if (!kind.namespaced) return
  const found = newest.get({ kind: namespaceKind.storedAs, namespace: '', name: namespace })
  if (!found) throw notFound(namespaceKind, namespace)
  if (!isTerminating(found.object)) return
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  throw forbidden(kind, name, why, [cause])
}

/** A time as metadata carries it. */
export function timestamp(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`
}
