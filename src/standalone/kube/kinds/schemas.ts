import type { JsonObject } from '../../../platform/json.ts'

export const text = (description: string): JsonObject => ({ type: 'string', description })
export const time = (description: string): JsonObject => ({ type: 'string', format: 'date-time', description })
export const integer = (description: string): JsonObject => ({ type: 'integer', format: 'int32', description })

export function object(description: string, properties: JsonObject, required: readonly string[] = []): JsonObject {
  return { type: 'object', description, properties, ...(required.length > 0 ? { required } : {}) }
}

/** The schema of a whole object of a built-in kind. */
export function kindSchema(description: string, properties: JsonObject, required: readonly string[] = []): JsonObject {
  const envelope = {
    apiVersion: text('Version of the schema of this object.'),
    kind: text('Kind of this object.'),
    metadata: { type: 'object', description: 'Standard metadata of every object.' },
  }
  return object(description, { ...envelope, ...properties }, required)
}

/** https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go, type Condition, without its pedantry. */
export const conditions: JsonObject = {
  type: 'array',
  description: 'Latest observations of the state.',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: object(
    'One observation.',
    {
      type: text('What was observed.'),
      status: text('True, False or Unknown.'),
      reason: text('One word for why.'),
      message: text('For people.'),
      lastTransitionTime: time('When the status last changed.'),
    },
    ['type', 'status'],
  ),
}

/** A reference to another object. */
export function reference(description: string): JsonObject {
  return object(description, {
    apiVersion: text('API version of the object.'),
    kind: text('Kind of the object.'),
    namespace: text('Namespace of the object.'),
    name: text('Name of the object.'),
    uid: text('UID of the object.'),
    resourceVersion: text('Version of the object.'),
    fieldPath: text('The part of the object that is meant.'),
  })
}
