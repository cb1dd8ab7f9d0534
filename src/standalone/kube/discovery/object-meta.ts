import type { JsonObject } from '../../../platform/json.ts'
import { integer, object, text, time } from '../kinds/schemas.ts'

export const objectMetaName = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

const texts = (description: string): JsonObject => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string', default: '' },
})

const flag = (description: string): JsonObject => ({ type: 'boolean', description })

const ownerReference = object(
  'An owner.',
  {
    apiVersion: text('API version of the owner.'),
    kind: text('Kind of the owner.'),
    name: text('Name of the owner.'),
    uid: text('UID of the owner.'),
    controller: flag('The owner is the managing controller.'),
    blockOwnerDeletion: flag('The owner waits for this object when it is deleted in the foreground.'),
  },
  ['apiVersion', 'kind', 'name', 'uid'],
)

const managedFields = object('What one manager manages.', {
  apiVersion: text('API version the fields are of.'),
  fieldsType: text('FieldsV1.'),
  fieldsV1: { type: 'object', description: 'The fields.' },
  manager: text('Who manages them.'),
  operation: text('Apply or Update.'),
  subresource: text('The subresource they were written through.'),
  time: time('When they last changed.'),
})

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
export const objectMeta: JsonObject = object('Standard metadata of every object.', {
  name: text('Unique within a namespace and a kind; cannot be changed.'),
  generateName: text('Prefix of a name that the server completes when there is no name.'),
  namespace: text('The scope of the name; cannot be changed.'),
  labels: texts('Keys and values to select objects by.'),
  annotations: texts('Keys and values that tools keep with the object.'),
  finalizers: {
    type: 'array',
    description: 'Must be empty before the object is removed.',
    items: { type: 'string', default: '' },
    'x-kubernetes-list-type': 'set',
    'x-kubernetes-patch-strategy': 'merge',
  },
  ownerReferences: {
    type: 'array',
    description: 'Objects this one depends on: it is deleted when the last of them is gone.',
    items: ownerReference,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['uid'],
    'x-kubernetes-patch-merge-key': 'uid',
    'x-kubernetes-patch-strategy': 'merge',
  },
  uid: text('Tells objects apart that had the same name one after another. Written by the server.'),
  resourceVersion: text('Changes with every write. Written by the server.'),
  generation: { ...integer('Changes with every change of the desired state. Written by the server.'), format: 'int64' },
  creationTimestamp: time('When the object was made. Written by the server.'),
  deletionTimestamp: time('When the object was asked to be deleted. Written by the server.'),
  deletionGracePeriodSeconds: { ...integer('How long deletion may take. Written by the server.'), format: 'int64' },
  selfLink: text('Not used.'),
  managedFields: {
    type: 'array',
    description: 'Who manages which fields. Written by the server.',
    items: managedFields,
    'x-kubernetes-list-type': 'atomic',
  },
})
