import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isObject, type JsonObject } from '../../../platform/json.ts'
import { customResourceDefinitions } from '../../../resources/index.ts'
import { compileRoot } from '../schema/compile.ts'
import { parseFieldsV1, printFieldsV1 } from './fields-v1.ts'
import { difference, emptySet, intersection, isEmpty, pathsOf, union } from './field-set.ts'
import { applyServerSide, trackUpdate } from './index.ts'
import { printPath } from './path-element.ts'
import { compareObjects, fieldSetOf } from './sets-of-values.ts'

const json = customResourceDefinitions[0]?.spec.versions[0]?.schema.openAPIV3Schema ?? {}
const schema = compileRoot(json)
const [monday, tuesday] = [new Date('2026-11-16T10:00:00Z'), new Date('2026-11-17T10:00:00Z')]

const word = fc.constantFrom('a', 'b', 'c', '"<&', '')
const players = fc
  .uniqueArray(fc.record({ raceName: word, userId: word }), { selector: ({ raceName }) => raceName, maxLength: 4 })
  .map((list) => list.map((each) => ({ ...each })))
const settings = fc.dictionary(
  word,
  fc.oneof(word, fc.integer(), fc.dictionary(word, word, { maxKeys: 2 }), fc.array(word, { maxLength: 2 })),
  {
    maxKeys: 3,
  },
)
const spec = fc.record(
  {
    displayName: word,
    runState: fc.constantFrom('Running', 'Paused'),
    players,
    settings,
    turns: fc.record({ schedule: word, maxTurns: fc.nat() }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
)
const labels = fc.dictionary(word, word, { maxKeys: 2 })
const finalizers = fc.uniqueArray(word, { maxLength: 3 })
const metadata = fc.record({ labels, finalizers }, { requiredKeys: [] })
const game = fc
  .record({ spec, metadata })
  .map((parts): JsonObject =>
    plain({ apiVersion: 'galaxy.dev/v1', kind: 'Game', ...parts, metadata: { name: 'a', ...parts.metadata } }),
  )
const manager = fc.constantFrom('ada', 'bob', 'eve')

type Write = { by: string; object: JsonObject; verb: 'apply' | 'update' }
const write: fc.Arbitrary<Write> = fc.record({ by: manager, object: game, verb: fc.constantFrom('apply', 'update') })
const history = fc.array(write, { minLength: 1, maxLength: 5 })

/** As it comes off the wire: fast-check's own objects have no prototype. */
function plain(value: JsonObject): JsonObject {
  const copy: unknown = JSON.parse(JSON.stringify(value))
  return isObject(copy) ? copy : {}
}

function forceApply(live: JsonObject | undefined, applied: JsonObject, by: string, now = monday): JsonObject {
  const result = applyServerSide({ schema: json, live, applied, manager: by, force: true, now })
  if ('conflicts' in result) throw new Error('a forced apply has no conflicts')
  return result.object
}

function perform(live: JsonObject | undefined, { by, object, verb }: Write): JsonObject {
  if (verb === 'apply') return forceApply(live, object, by)
  return trackUpdate({ schema: json, live, updated: object, manager: by, operation: 'Update', now: monday })
}

const after = (writes: readonly Write[]) => writes.reduce<JsonObject | undefined>(perform, undefined)

function setsOf(object: JsonObject | undefined) {
  const entries = isObject(object?.['metadata']) ? object['metadata']['managedFields'] : undefined
  const list: unknown[] = Array.isArray(entries) ? entries : []
  return list.map((entry) => parseFieldsV1(isObject(entry) && isObject(entry['fieldsV1']) ? entry['fieldsV1'] : {}))
}

describe('fieldsV1', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(game, (object) => {
        const set = fieldSetOf(schema, object)
        expect(parseFieldsV1(plain(printFieldsV1(set)))).toEqual(set)
      }),
    )
  })
})

describe('field sets', () => {
  it('follow the laws of sets', () => {
    fc.assert(
      fc.property(game, game, (one, other) => {
        const [a, b] = [fieldSetOf(schema, one), fieldSetOf(schema, other)]
        expect(union(a, b)).toEqual(union(union(a, b), a))
        expect(pathsOf(union(a, b))).toEqual(pathsOf(union(b, a)))
        expect(isEmpty(intersection(difference(a, b), b))).toBe(true)
        expect(pathsOf(union(difference(a, b), intersection(a, b)))).toEqual(pathsOf(a))
        expect(difference(a, a)).toEqual(emptySet)
      }),
    )
  })

  it('say that an object does not differ from itself', () => {
    fc.assert(
      fc.property(game, (object) => {
        const { added, modified, removed } = compareObjects(schema, object, plain(object))
        expect([added, modified, removed].every(isEmpty)).toBe(true)
      }),
    )
  })
})

describe('server-side apply', () => {
  it('changes nothing the second time, whatever happened before', () => {
    fc.assert(
      fc.property(history, game, manager, (writes, applied, by) => {
        const once = forceApply(after(writes), applied, by)
        expect(forceApply(once, applied, by, tuesday)).toEqual(once)
      }),
      { numRuns: 150 },
    )
  })

  it('gives the applier every value that it applied', () => {
    fc.assert(
      fc.property(history, game, manager, (writes, applied, by) => {
        const object = forceApply(after(writes), applied, by)
        const { modified, removed } = compareObjects(schema, applied, object)
        const lost = [...pathsOf(modified), ...pathsOf(removed)].map(printPath)
        expect(lost).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  it('leaves alone what only others manage', () => {
    fc.assert(
      fc.property(history, game, (writes, applied) => {
        const before = after(writes)
        const object = forceApply(before, applied, 'newcomer')
        const { removed, modified } = compareObjects(schema, before ?? {}, object)
        const replaced = pathsOf(modified).map(printPath)
        const lost = pathsOf(removed)
          .map(printPath)
          .filter((path) => !replaced.some((each) => path.startsWith(each)))
        expect(lost).toEqual([])
      }),
    )
  })

  it('undoes itself when nothing is applied any more', () => {
    fc.assert(
      fc.property(game, game, (first, second) => {
        const before = forceApply(undefined, first, 'ada')
        const input = { schema: json, live: before, applied: second, manager: 'newcomer', force: false, now: monday }
        const result = applyServerSide(input)
        // What is taken by force is not given back.
        fc.pre('object' in result)
        const { apiVersion, kind } = second
        const object = forceApply(result.object, { apiVersion, kind, metadata: { name: 'a' } }, 'newcomer')
        // All but the order of items is as it was.
        const { added, modified, removed } = compareObjects(schema, before, object)
        expect([added, modified, removed].flatMap((set) => pathsOf(set).map(printPath))).toEqual([])
      }),
    )
  })

  it('refuses exactly when it would change what another manages', () => {
    fc.assert(
      fc.property(history, game, manager, (writes, applied, by) => {
        const live = after(writes)
        const result = applyServerSide({ schema: json, live, applied, manager: by, force: false, now: monday })
        const forced = forceApply(live, applied, by)
        if ('object' in result) expect(result.object).toEqual(forced)
        else expect(forced).not.toEqual(live)
      }),
    )
  })

  it('never gives one changed field to two updaters', () => {
    fc.assert(
      fc.property(history, game, (writes, updated) => {
        const live = after(writes)
        const object = perform(live, { by: 'newcomer', object: updated, verb: 'update' })
        const { added, modified } = compareObjects(schema, live ?? {}, object)
        const changed = union(added, modified)
        const holders = setsOf(object)
          .map((set) => pathsOf(intersection(set, changed)).map(printPath))
          .filter((paths) => paths.length > 0)
        expect(holders.length).toBeLessThanOrEqual(1)
      }),
    )
  })
})
