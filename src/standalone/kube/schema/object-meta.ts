import type { JsonObject } from '../../../platform/json.ts'

const text: JsonObject = { type: 'string' }
const flag: JsonObject = { type: 'boolean' }
const time: JsonObject = { type: 'string', format: 'date-time', nullable: true }
const integer: JsonObject = { type: 'integer' }
const texts: JsonObject = { type: 'object', additionalProperties: text }

const ownerReference: JsonObject = {
  type: 'object',
  'x-kubernetes-map-type': 'atomic',
  properties: { apiVersion: text, kind: text, name: text, uid: text, controller: flag, blockOwnerDeletion: flag },
}

const managedFieldsEntry: JsonObject = {
  type: 'object',
  properties: {
    manager: text,
    operation: text,
    apiVersion: text,
    time,
    fieldsType: text,
    fieldsV1: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    subresource: text,
  },
}

/** https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go, type ObjectMeta. */
export const objectMeta: JsonObject = {
  type: 'object',
  properties: {
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid: text,
    resourceVersion: text,
    generation: integer,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: integer,
    labels: texts,
    annotations: texts,
    ownerReferences: {
      type: 'array',
      items: ownerReference,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
    },
    finalizers: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    managedFields: { type: 'array', items: managedFieldsEntry, 'x-kubernetes-list-type': 'atomic' },
  },
}

/** What says of which kind an object is. */
export const typeMeta: JsonObject = { apiVersion: text, kind: text }
