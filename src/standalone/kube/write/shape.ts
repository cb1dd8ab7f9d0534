import { isDeepStrictEqual } from 'node:util'
import { shownNumber, unportable, unportableNumbers } from '../../../platform/exact-json.ts'
import type { JsonObject } from '../../../platform/json.ts'
import { type ApiError, badRequest, invalid, type StatusCause } from '../api-error.ts'
import { textAt, withMetadata } from '../json-path.ts'
import { apiVersionOf, type Kind } from '../kinds/index.ts'
import { applyDefaults, pruneUnknown, validateMetadata, validateStructure } from '../schema/index.ts'
import type { FieldValidation } from './options.ts'

export type Warn = (warning: string) => void

/**
 * The object with only the fields its schema knows. What to do about others is the client's choice: refuse them
 * (`refuse` makes the error), warn, or drop them silently.
 */
export function pruned(
  kind: Kind,
  object: JsonObject,
  {
    fieldValidation,
    repetitions = [],
    warn,
    refuse,
  }: {
    fieldValidation: FieldValidation
    /** What the body says twice. */
    repetitions?: readonly string[]
    warn: Warn
    refuse: (said: string) => ApiError
  },
): JsonObject {
  const { value, unknown } = pruneUnknown(kind.schema, object)
  const said = [...repetitions, ...unknown.map((field) => `unknown field "${field}"`)]
  if (said.length > 0 && fieldValidation === 'Strict') throw refuse(`strict decoding error: ${said.join(', ')}`)
  if (fieldValidation === 'Warn') said.forEach(warn)
  return value
}

type Admitting = { kind: Kind; old: JsonObject | undefined; warn: Warn }

/**
 * The object with its defaults, once nothing is wrong with it. Of a spec that is there already nobody is warned again.
 * @throws ApiError 422 with every field at fault
 */
export function admitted(object: JsonObject, { kind, old, warn }: Admitting): JsonObject {
  const whole = applyDefaults(kind.schema, object)
  const structure = [...validateMetadata(whole, kind), ...validateStructure(kind.schema, whole), ...numberCauses(whole)]
  const refuse = (causes: readonly StatusCause[]) => {
    if (causes.length > 0) throw invalid(kind, textAt(whole, ['metadata', 'name']), causes)
  }
  refuse(structure)
  // Rules and warnings may rely on the shape.
  if (!isDeepStrictEqual(whole['spec'], old?.['spec'])) kind.warn(whole).forEach(warn)
  refuse(kind.admit(whole, old))
  return whole
}

/** Numbers that some reader would take for other ones: they are refused, because nobody would notice. */
function numberCauses(whole: JsonObject): StatusCause[] {
  return unportableNumbers(whole).map((number) => ({
    reason: 'FieldValueInvalid',
    field: number.path,
    message: `Invalid value: ${shownNumber(number)}: ${unportable}`,
  }))
}

/**
 * The object a client sent, once it is of the kind and has the name and namespace that the path says.
 * @throws ApiError 400 otherwise
 */
export function addressed(
  kind: Kind,
  object: JsonObject,
  { namespace, name }: { namespace: string; name: string },
): JsonObject {
  checkType(kind, object)
  const own = { name: textAt(object, ['metadata', 'name']), namespace: textAt(object, ['metadata', 'namespace']) }
  if (name !== '' && own.name !== '' && own.name !== name) {
    throw badRequest(`the name of the object (${own.name}) does not match the name on the URL (${name})`)
  }
  if (kind.namespaced && own.namespace !== '' && own.namespace !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`)
  }
  const found = { name: name || own.name || undefined, namespace: kind.namespaced ? namespace : undefined }
  return withMetadata({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...object }, found)
}

function checkType(kind: Kind, { apiVersion, kind: named }: JsonObject): void {
  const expected = apiVersionOf(kind)
  if (apiVersion !== undefined && apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${said(apiVersion)}) does not match the expected API version (${expected})`,
    )
  }
  if (named !== undefined && named !== kind.kind) {
    throw badRequest(`the kind in the data (${said(named)}) does not match the expected kind (${kind.kind})`)
  }
}

function said(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
