import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isObject, type JsonObject } from '../platform/json.ts'
import { engineVersionCrd, gameCrd } from './crd.ts'
import { EngineVersion } from './engine-version.ts'
import { Game } from './game.ts'

const metadata = {
  name: 'a',
  namespace: 'b',
  uid: 'c',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
}

/** What the API server lets pass as a date-time, see `fields.ts`. */
const dateTimes = fc
  .tuple(
    fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    fc.constantFrom('T', 't'),
    fc.constantFrom('', '.5', ',25', 'x123456789'),
    fc.constantFrom('Z', 'z', '+02:00', '-00:00', '+99:99'),
  )
  .map(
    ([at, t, fraction, zone]) =>
      `${at.toISOString().slice(0, 10)}${t}${at.toISOString().slice(11, 19)}${fraction}${zone}`,
  )

const num = (value: unknown, otherwise: number) => (typeof value === 'number' ? value : otherwise)

/** Any value that a node of a structural schema accepts. Integers beyond 2^53 are left out: JSON.parse would round them. */
function accepted(node: JsonObject): fc.Arbitrary<unknown> {
  const value = acceptedUnlessNull(node)
  return node['nullable'] === true ? fc.option(value) : value
}

function acceptedUnlessNull(node: JsonObject): fc.Arbitrary<unknown> {
  const { properties, items, additionalProperties, enum: options, required } = node
  if (node['x-kubernetes-int-or-string'] === true) return fc.oneof(fc.maxSafeInteger(), texts(node))
  if (Array.isArray(options)) return fc.constantFrom(...(options as unknown[]))
  if (node['x-kubernetes-preserve-unknown-fields'] === true) return fc.dictionary(fc.string(), fc.jsonValue())
  if (isObject(items)) return fc.array(accepted(items), { maxLength: Math.min(4, num(node['maxItems'], 4)) })
  if (isObject(properties)) {
    const members = Object.entries(properties).map(([name, each]) => [name, accepted(each as JsonObject)])
    const requiredKeys = Array.isArray(required) ? (required as string[]) : []
    return fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys })
  }
  if (isObject(additionalProperties)) return fc.dictionary(fc.string(), accepted(additionalProperties), { maxKeys: 4 })
  switch (node['type']) {
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.maxSafeInteger().map((any) => {
        const { minimum, maximum } = node
        return Math.min(Math.max(any, num(minimum, any)), num(maximum, Number.MAX_SAFE_INTEGER))
      })
    case 'string':
      return texts(node)
    default:
      return fc.constant({})
  }
}

function texts(node: JsonObject): fc.Arbitrary<string> {
  const [minLength, maxLength] = [num(node['minLength'], 0), Math.min(num(node['maxLength'], 2000), 2000)]
  if (node['format'] === 'date-time') return dateTimes
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength
  if (typeof node['pattern'] === 'string') return fc.stringMatching(new RegExp(node['pattern'])).filter(fits)
  const longest = fc.constant('\u{1f680}'.repeat(maxLength))
  return fc.oneof(fc.string({ unit: 'binary', minLength, maxLength, size: 'small' }), longest)
}

describe.each([
  { kind: 'Game', crd: gameCrd, schema: Game },
  { kind: 'EngineVersion', crd: engineVersionCrd, schema: EngineVersion },
])('a $kind', ({ crd, schema }) => {
  it('can be read whenever its definition accepts it', () => {
    const { properties } = crd.spec.versions[0]?.schema.openAPIV3Schema ?? {}
    const { spec, status } = properties as Record<string, JsonObject>
    const contents = fc.record(
      { spec: accepted(spec ?? {}), status: accepted(status ?? {}) },
      { requiredKeys: ['spec'] },
    )
    fc.assert(
      fc.property(contents, (content) => {
        expect(schema.safeParse({ metadata, ...content }).error?.issues ?? []).toEqual([])
      }),
    )
  })
})

describe('a Game', () => {
  const read = (closesAt: string) =>
    Game.safeParse({
      metadata,
      spec: { engine: { image: 'x' }, enrollment: { minPlayers: 1, maxPlayers: 2, closesAt } },
    }).success

  it.each(['2026-12-01t18:00:00z', '2026-12-01T18:00:00.123+02:00', '2028-02-29T00:00:00Z'])(
    'may close at %s',
    (text) => expect(read(text)).toBe(true),
  )

  it.each(['soon', '2026-12-01', '2026-02-30T00:00:00Z', '2026-12-01T24:00:00Z', '2026-12-01T18:00:00'])(
    'may not close at %s',
    (text) => expect(read(text)).toBe(false),
  )

  it('is read without its phase when that is one of a later version', () => {
    const status = { phase: 'Snapshotting', turn: { number: 4 } }
    const game = Game.parse({ metadata, spec: { engine: { image: 'x' } }, status })
    expect(game.status).toMatchObject({ phase: undefined, turn: { number: 4 } })
  })
})
