import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../platform/json.ts'
import { customResourceDefinitions } from '../../../resources/index.ts'
import { applyDefaults, pruneUnknown, subdomainFaults, validateMetadata, validateStructure } from './index.ts'

const text = { type: 'string' }
const player = { type: 'object', required: ['userId', 'raceName'], properties: { userId: text, raceName: text } }
const spec: JsonObject = {
  type: 'object',
  required: ['engine'],
  properties: {
    engine: { type: 'object', properties: { version: { type: 'string', minLength: 1, maxLength: 8 } } },
    runState: { type: 'string', enum: ['Running', 'Paused'], default: 'Running' },
    turns: { type: 'integer', minimum: 1, maximum: 9 },
    at: { type: 'string', format: 'date-time', nullable: true },
    every: { type: 'string', pattern: '^[0-9]+s$' },
    size: { 'x-kubernetes-int-or-string': true },
    limits: { type: 'object', additionalProperties: { type: 'integer', default: 1 } },
    settings: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    players: {
      type: 'array',
      maxItems: 3,
      items: player,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['raceName'],
    },
    tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    storage: { type: 'object', properties: { retain: { type: 'string', default: 'Delete' } } },
  },
}
const schema: JsonObject = { type: 'object', required: ['spec'], properties: { metadata: { type: 'object' }, spec } }

const causesOf = (value: JsonObject) => validateStructure(schema, { spec: { engine: {}, ...value } })
const one = (reason: string, field: string, message: string) => [{ reason, field, message }]

describe('validateStructure', () => {
  it('finds nothing wrong with a valid object', () => {
    const players = [{ userId: 'u', raceName: 'A' }]
    expect(
      causesOf({ turns: 1, at: null, every: '5s', size: '1Gi', players, tags: ['a'], runState: 'Paused' }),
    ).toEqual([])
  })

  it.each<[JsonObject, string, string, string]>([
    [
      { engine: 1 },
      'FieldValueTypeInvalid',
      'spec.engine',
      'Invalid value: "integer": spec.engine in body must be of type object: "integer"',
    ],
    [
      { engine: { version: 1 } },
      'FieldValueTypeInvalid',
      'spec.engine.version',
      'Invalid value: "integer": spec.engine.version in body must be of type string: "integer"',
    ],
    [
      { engine: { version: '' } },
      'FieldValueInvalid',
      'spec.engine.version',
      'Invalid value: "": spec.engine.version in body should be at least 1 chars long',
    ],
    [
      { engine: { version: '123456789' } },
      'FieldValueTooLong',
      'spec.engine.version',
      'Too long: may not be more than 8 bytes',
    ],
    [
      { runState: 'Foo' },
      'FieldValueNotSupported',
      'spec.runState',
      'Unsupported value: "Foo": supported values: "Running", "Paused"',
    ],
    [
      { turns: 0 },
      'FieldValueInvalid',
      'spec.turns',
      'Invalid value: 0: spec.turns in body should be greater than or equal to 1',
    ],
    [
      { turns: 10 },
      'FieldValueInvalid',
      'spec.turns',
      'Invalid value: 10: spec.turns in body should be less than or equal to 9',
    ],
    [
      { turns: 1.5 },
      'FieldValueTypeInvalid',
      'spec.turns',
      'Invalid value: "number": spec.turns in body must be of type integer: "number"',
    ],
    [
      { turns: null },
      'FieldValueTypeInvalid',
      'spec.turns',
      'Invalid value: "null": spec.turns in body must be of type integer: "null"',
    ],
    [
      { at: 'noon' },
      'FieldValueTypeInvalid',
      'spec.at',
      'Invalid value: "noon": spec.at in body must be of type date-time: "noon"',
    ],
    [
      { every: '5m' },
      'FieldValueInvalid',
      'spec.every',
      `Invalid value: "5m": spec.every in body should match '^[0-9]+s$'`,
    ],
    [
      { limits: { cpu: 'x' } },
      'FieldValueTypeInvalid',
      'spec.limits.cpu',
      'Invalid value: "string": spec.limits.cpu in body must be of type integer: "string"',
    ],
    [{ players: [{ raceName: 'A' }] }, 'FieldValueRequired', 'spec.players[0].userId', 'Required value'],
    [{ tags: ['a', 'a'] }, 'FieldValueDuplicate', 'spec.tags[1]', 'Duplicate value: "a"'],
  ])('refuses %j', (value, reason, field, message) => {
    expect(causesOf(value)).toEqual(one(reason, field, message))
  })

  it('names items of a map list by their keys when they are there twice', () => {
    const twin = { userId: 'u', raceName: 'A' }
    expect(causesOf({ players: [twin, { ...twin, userId: 'v' }] })).toEqual(
      one('FieldValueDuplicate', 'spec.players[1]', 'Duplicate value: {"raceName":"A"}'),
    )
  })

  it('counts the items of a list', () => {
    const players = ['A', 'B', 'C', 'D'].map((raceName) => ({ userId: 'u', raceName }))
    expect(causesOf({ players })).toEqual(
      one('FieldValueTooMany', 'spec.players', 'Too many: 4: must have at most 3 items'),
    )
  })

  it('asks for what is required', () => {
    expect(validateStructure(schema, {})).toEqual(one('FieldValueRequired', 'spec', 'Required value'))
  })
})

describe('applyDefaults', () => {
  it('fills in only inside parents that are there', () => {
    expect(applyDefaults(schema, { spec: {} })).toEqual({ spec: { runState: 'Running' } })
    expect(applyDefaults(schema, { spec: { storage: {} } })).toMatchObject({ spec: { storage: { retain: 'Delete' } } })
  })

  it('drops a null where null may not be, and leaves other values', () => {
    const given = { spec: { runState: null, at: null, turns: null, limits: { cpu: null, memory: 2 } } }
    expect(applyDefaults(schema, given)).toEqual({
      spec: { runState: 'Running', at: null, limits: { memory: 2 } },
    })
  })

  it('changes nothing the second time, and never its input', () => {
    fc.assert(
      fc.property(objects(), (value) => {
        const before = JSON.stringify(value)
        const once = applyDefaults(schema, value)
        expect(applyDefaults(schema, once)).toEqual(once)
        expect(JSON.stringify(value)).toBe(before)
      }),
    )
  })
})

describe('pruneUnknown', () => {
  it('drops what the schema does not know and says where it was', () => {
    const metadata = { name: 'a', labels: { any: 'x' }, nam: 'b' }
    const given = { apiVersion: 'v1', kind: 'K', metadata, spec: { players: [{ userId: 'u', rac: 1 }], x: {} }, sta: 1 }
    const { value, unknown } = pruneUnknown(schema, given)
    expect(value).toEqual({
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'a', labels: { any: 'x' } },
      spec: { players: [{ userId: 'u' }] },
    })
    expect(unknown).toEqual(['metadata.nam', 'spec.players[0].rac', 'spec.x', 'sta'])
  })

  it('keeps what is to be preserved', () => {
    const given = { spec: { settings: { any: { thing: [1] } } } }
    expect(pruneUnknown(schema, given)).toEqual({ value: given, unknown: [] })
  })

  it('finds nothing the second time', () => {
    fc.assert(
      fc.property(objects(), (value) => {
        const once = pruneUnknown(schema, value).value
        expect(pruneUnknown(schema, once)).toEqual({ value: once, unknown: [] })
      }),
    )
  })

  it('knows every field of a whole game', () => {
    const game = {
      spec: { engine: { version: '1.0.0' }, runState: 'Paused', settings: { a: 1 } },
      status: { phase: 'Running' },
    }
    const known = customResourceDefinitions[0]?.spec.versions[0]?.schema.openAPIV3Schema ?? {}
    expect(pruneUnknown(known, game).unknown).toEqual([])
    expect(validateStructure(known, game)).toEqual([])
  })
})

describe('validateMetadata', () => {
  const causes = (metadata: unknown, namespaced = false) =>
    validateMetadata({ metadata }, { namespaced, nameFaults: subdomainFaults }).map(
      ({ field, message }) => `${field}: ${message}`,
    )

  it('takes what Kubernetes takes', () => {
    const labels = { 'example.com/a': 'b', c: '' }
    const owner = { apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u', controller: true }
    const metadata = { name: 'a.b-1', generateName: 'a-', namespace: 'd', labels, finalizers: ['galaxy.dev/a'] }
    expect(causes({ ...metadata, annotations: { 'X.io/Y': 'any' }, ownerReferences: [owner] }, true)).toEqual([])
  })

  it.each<[unknown, RegExp]>([
    [{}, /^metadata\.name: Required value: name or generateName is required$/],
    [
      { name: 'Foo' },
      /^metadata\.name: Invalid value: "Foo": a lowercase RFC 1123 subdomain must consist of lower case/,
    ],
    [{ name: 'a'.repeat(254) }, /must be no more than 253 bytes$/],
    [
      { name: 1 },
      /^metadata\.name: Invalid value: "integer": metadata\.name in body must be of type string: "integer"$/,
    ],
    [{ name: 'a', generateName: 'A-' }, /^metadata\.generateName: Invalid value: "A-"/],
    [{ name: 'a', namespace: 'b' }, /^metadata\.namespace: Forbidden: not allowed on this type$/],
    [{ name: 'a', labels: { 'a b': '' } }, /^metadata\.labels: Invalid value: "a b": name part must consist of/],
    [{ name: 'a', labels: { a: '-' } }, /^metadata\.labels: Invalid value: "-": a valid label must be an empty string/],
    [
      { name: 'a', annotations: { a: 'x'.repeat(262_144) } },
      /^metadata\.annotations: Too long: may not be more than 262144 bytes$/,
    ],
    [{ name: 'a', finalizers: ['a/b/c'] }, /^metadata\.finalizers: Invalid value: "a\/b\/c": a qualified name must/],
    [
      { name: 'a', ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a', uid: '' }] },
      /^metadata\.ownerReferences\.uid: Invalid value: "": must not be empty$/,
    ],
  ])('refuses %j', (metadata, message) => {
    expect(causes(metadata)).toEqual([expect.stringMatching(message)])
  })

  it('asks for the namespace of what has one', () => {
    expect(causes({ name: 'a' }, true)).toEqual(['metadata.namespace: Required value'])
  })

  it('is not slow on long names', () => {
    const started = performance.now()
    causes({ name: `${'a-'.repeat(100_000)}.` })
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

function objects(): fc.Arbitrary<JsonObject> {
  const names = [...Object.keys(spec['properties'] ?? {}), 'other', '__proto__', 'retain', 'userId']
  const members = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 }).map(plain))
  return members.map((content) => ({ spec: plain(content) }))
}

/** What a client can send: JSON. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}
