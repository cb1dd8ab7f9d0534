import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject } from '../../../platform/json.ts'
import { conflict, invalid } from '../api-error.ts'
import { listAt, objectAt, textAt, textsAt, valueAt, withFields, withMetadata } from '../json-path.ts'
import { isTerminating, type Kind, servedForm, storedForm } from '../kinds/index.ts'
import type { Decision, Stored } from '../store/index.ts'
import { admitted, type Warn } from './shape.ts'
import type { Target } from './target.ts'

type Change = {
  current: Stored
  /** The object as the client wants it, in the served form. */
  wanted: JsonObject
  /** Notes who manages which field, last of all. */
  tracked: (object: JsonObject) => JsonObject
  warn: Warn
}

/**
 * What an update, by whichever verb, makes of an object.
 * @throws ApiError 409 when it was made from another version, 422 when the result is invalid
 */
export function decideChange(target: Target, { current, wanted, tracked, warn }: Change): Decision {
  const { kind, name } = target
  const old = servedForm(kind, current.object)
  checkOrigin(target, old, wanted)
  const merged = kind.prepare(merge(target, old, wanted), old)
  checkFinalizers(kind, name, old, merged)
  const whole = tracked(admitted(merged, { kind, old, warn }))
  if (isUnchanged(whole, old)) return { do: 'keep' }
  const object = storedForm(kind, withGeneration(kind, whole, old))
  return isReleased(kind, object) ? { do: 'delete', object } : { do: 'put', object }
}

/** Nothing keeps a deleted object any longer. */
export function isReleased(kind: Kind, object: JsonObject): boolean {
  const held = kind.storedAs === 'namespaces' ? textsAt(object, ['spec', 'finalizers']) : []
  return isTerminating(object) && textsAt(object, ['metadata', 'finalizers']).length === 0 && held.length === 0
}

function checkOrigin({ kind, name }: Target, old: JsonObject, wanted: JsonObject): void {
  const [uid, version] = [textAt(wanted, ['metadata', 'uid']), textAt(wanted, ['metadata', 'resourceVersion'])]
  const actual = textAt(old, ['metadata', 'uid'])
  if (uid !== '' && uid !== actual) {
    throw conflict(kind, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${actual}`)
  }
  if (version !== '' && version !== textAt(old, ['metadata', 'resourceVersion'])) throw conflict(kind, name)
}

/** Fields of the metadata that only the server writes. */
const serversOwn = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'selfLink',
]

function merge({ kind, subresource }: Target, old: JsonObject, wanted: JsonObject): JsonObject {
  const { managedFields } = objectAt(wanted, ['metadata'])
  if (subresource === 'status') {
    return withMetadata(withFields(old, { status: wanted['status'] }), { managedFields })
  }
  const kept = Object.fromEntries(serversOwn.map((name) => [name, valueAt(old, ['metadata', name])]))
  const object = withMetadata(wanted, kept)
  return kind.hasStatus ? withFields(object, { status: old['status'] }) : object
}

function checkFinalizers(kind: Kind, name: string, old: JsonObject, object: JsonObject): void {
  if (!isTerminating(old)) return
  const before = new Set(textsAt(old, ['metadata', 'finalizers']))
  const added = textsAt(object, ['metadata', 'finalizers']).filter((finalizer) => !before.has(finalizer))
  if (added.length === 0) return
  const list = `[]string{${added.map((each) => JSON.stringify(each)).join(', ')}}`
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
  throw invalid(kind, name, [{ reason: 'FieldValueForbidden', field: 'metadata.finalizers', message }])
}

/** Writing what is there already is no change, even where it is noted anew who wrote it, and when. */
function isUnchanged(object: JsonObject, old: JsonObject): boolean {
  const [fields, oldFields] = [managersOf(object), managersOf(old)]
  if (!isDeepStrictEqual(fields, oldFields)) return false
  const bare = (each: JsonObject) => withMetadata(each, { managedFields: undefined })
  return isDeepStrictEqual(bare(object), bare(old))
}

function managersOf(object: JsonObject): unknown[] {
  return listAt(object, ['metadata', 'managedFields']).map((each) =>
    isObject(each) ? withFields(each, { time: undefined }) : each,
  )
}

function withGeneration(kind: Kind, object: JsonObject, old: JsonObject): JsonObject {
  if (!kind.custom) return object
  const desired = (each: JsonObject) => withFields(each, { metadata: undefined, status: undefined })
  if (isDeepStrictEqual(desired(object), desired(old))) return object
  return withMetadata(object, { generation: Number(valueAt(old, ['metadata', 'generation']) ?? 0) + 1 })
}
