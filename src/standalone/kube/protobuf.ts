import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import type { JsonObject } from '../../platform/json.ts'
import { textAt } from './json-path.ts'

export const protobufType = 'application/vnd.kubernetes.protobuf'

/** `type` is text, texts, bytes, labels or a message. */
type Field = { name: string; type: string }

/**
 * The messages that kubectl writes in protobuf whatever the server says it takes: `kubectl create namespace` and
 * `kubectl auth can-i`. Numbers: https://github.com/kubernetes/api, the generated.proto of each group.
 */
const messages: Readonly<Record<string, Readonly<Record<number, Field>>>> = {
  TypeMeta: { 1: { name: 'apiVersion', type: 'text' }, 2: { name: 'kind', type: 'text' } },
  Unknown: { 1: { name: 'type', type: 'TypeMeta' }, 2: { name: 'raw', type: 'bytes' } },
  Entry: { 1: { name: 'key', type: 'text' }, 2: { name: 'value', type: 'text' } },
  ObjectMeta: {
    1: { name: 'name', type: 'text' },
    2: { name: 'generateName', type: 'text' },
    3: { name: 'namespace', type: 'text' },
    11: { name: 'labels', type: 'labels' },
    12: { name: 'annotations', type: 'labels' },
    14: { name: 'finalizers', type: 'texts' },
  },
  Namespace: { 1: { name: 'metadata', type: 'ObjectMeta' } },
  SelfSubjectReview: { 1: { name: 'metadata', type: 'ObjectMeta' } },
  SelfSubjectAccessReview: {
    1: { name: 'metadata', type: 'ObjectMeta' },
    2: { name: 'spec', type: 'SelfSubjectAccessReviewSpec' },
  },
  SelfSubjectAccessReviewSpec: {
    1: { name: 'resourceAttributes', type: 'ResourceAttributes' },
    2: { name: 'nonResourceAttributes', type: 'NonResourceAttributes' },
  },
  ResourceAttributes: {
    1: { name: 'namespace', type: 'text' },
    2: { name: 'verb', type: 'text' },
    3: { name: 'group', type: 'text' },
    4: { name: 'version', type: 'text' },
    5: { name: 'resource', type: 'text' },
    6: { name: 'subresource', type: 'text' },
    7: { name: 'name', type: 'text' },
  },
  NonResourceAttributes: { 1: { name: 'path', type: 'text' }, 2: { name: 'verb', type: 'text' } },
}

const kinds = new Set(['Namespace', 'SelfSubjectReview', 'SelfSubjectAccessReview'])
const magic = Buffer.from('k8s\0')

/**
 * An object in Kubernetes' protobuf envelope (https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding).
 * @returns undefined when it is none, or of a kind that is read as JSON only; throws on damaged bytes
 */
export function readProtobuf(body: Buffer): JsonObject | undefined {
  if (!body.subarray(0, magic.length).equals(magic)) return undefined
  const envelope = read('Unknown', body.subarray(magic.length))
  const [apiVersion, kind] = ['apiVersion', 'kind'].map((name) => textAt(envelope, ['type', name]))
  const { raw } = envelope
  if (!kind || !kinds.has(kind) || !(raw instanceof Uint8Array)) return undefined
  return { apiVersion, kind, ...read(kind, raw) }
}

function read(message: string, bytes: Uint8Array): JsonObject {
  const reader = new BinaryReader(bytes)
  const object: JsonObject = {}
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    const field = messages[message]?.[number]
    if (!field || wireType !== WireType.LengthDelimited) reader.skip(wireType, number)
    else set(object, field, reader.bytes())
  }
  return object
}

function set(object: JsonObject, { name, type }: Field, bytes: Uint8Array): void {
  const before = object[name]
  switch (type) {
    case 'bytes':
      object[name] = bytes
      return
    case 'text':
      // An empty text is an absent one: protobuf of this age does not tell them apart.
      if (bytes.length > 0) object[name] = textOf(bytes)
      return
    case 'texts':
      object[name] = [...(Array.isArray(before) ? before : []), textOf(bytes)]
      return
    case 'labels': {
      const entry = read('Entry', bytes)
      const others = typeof before === 'object' && before !== null ? before : {}
      object[name] = { ...others, [textAt(entry, ['key'])]: textAt(entry, ['value']) }
      return
    }
    default:
      object[name] = read(type, bytes)
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
