import { describe, expect, it } from 'vitest'
import { isObject, type JsonObject } from '../../../platform/json.ts'
import { customResourceDefinitions } from '../../../resources/index.ts'
import { conflictMessage } from './conflicts.ts'
import { applyServerSide, trackUpdate, TypedError } from './index.ts'

const schema = customResourceDefinitions[0]?.spec.versions[0]?.schema.openAPIV3Schema ?? {}
const [monday, tuesday] = [new Date('2026-11-16T10:00:00.123Z'), new Date('2026-11-17T10:00:00Z')]

const terrans = { raceName: 'Terrans', userId: 'ada' }
const zerks = { raceName: 'Zerks', userId: 'bob' }

function game(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'galaxy.dev/v1', kind: 'Game', metadata: { name: 'a', namespace: 'default', ...metadata }, spec }
}

type Applying = { by?: string; force?: boolean; now?: Date; subresource?: string }

function tryApply(live: JsonObject | undefined, applied: JsonObject, applying: Applying = {}) {
  const { by = 'ada', force = false, now = monday, subresource } = applying
  const input = { schema, live, applied, manager: by, force, now }
  return applyServerSide(subresource ? { ...input, subresource } : input)
}

function apply(live: JsonObject | undefined, applied: JsonObject, applying?: Applying): JsonObject {
  const result = tryApply(live, applied, applying)
  if ('conflicts' in result) throw new Error(conflictMessage(result.conflicts))
  return result.object
}

function update(live: JsonObject | undefined, updated: JsonObject, by = 'kubectl-edit', now = monday): JsonObject {
  return trackUpdate({ schema, live, updated, manager: by, operation: 'Update', now })
}

function owners(object: JsonObject): Record<string, unknown> {
  const entries: unknown = isObject(object['metadata']) ? object['metadata']['managedFields'] : []
  const list = Array.isArray(entries) ? entries.filter(isObject) : []
  return Object.fromEntries(
    list.map(({ manager, operation, fieldsV1 }) => [`${String(manager)} ${String(operation)}`, fieldsV1]),
  )
}

const bare = ({ spec, status }: JsonObject) => (status === undefined ? { spec } : { spec, status })

describe('applying to nothing', () => {
  it('makes the object as it was applied, and notes leaves, items and keys', () => {
    const object = apply(undefined, game({ players: [terrans], settings: { seed: 1 } }, { labels: { team: 'x' } }))
    expect(object['metadata']).toEqual({
      name: 'a',
      namespace: 'default',
      labels: { team: 'x' },
      managedFields: [
        {
          manager: 'ada',
          operation: 'Apply',
          apiVersion: 'galaxy.dev/v1',
          time: '2026-11-16T10:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': { 'f:labels': { 'f:team': {} } },
            'f:spec': {
              'f:players': { 'k:{"raceName":"Terrans"}': { '.': {}, 'f:raceName': {}, 'f:userId': {} } },
              'f:settings': { 'f:seed': {} },
            },
          },
        },
      ],
    })
  })

  it('refuses items without their key, items that are there twice, and wrong types', () => {
    expect(() => apply(undefined, game({ players: [{ userId: 'ada' }] }))).toThrow(
      new TypedError([
        '.spec.players: associative list with keys has an element that omits key field "raceName" (and doesn\'t have default value)',
      ]),
    )
    expect(() => apply(undefined, game({ players: [terrans, terrans] }))).toThrow(
      '.spec.players: duplicate entries for key [raceName="Terrans"]',
    )
    expect(() => apply(undefined, game({ turns: { maxTurns: 'ten' } }))).toThrow(
      '.spec.turns.maxTurns: expected numeric (int or float), got string',
    )
  })
})

describe('applying again', () => {
  const first = apply(undefined, game({ runState: 'Running', players: [terrans, zerks] }))

  it('changes nothing at all when it is the same', () => {
    expect(apply(first, game({ runState: 'Running', players: [terrans, zerks] }), { now: tuesday })).toEqual(first)
  })

  it('removes what is applied no more', () => {
    const second = apply(first, game({ players: [zerks] }), { now: tuesday })
    expect(bare(second)).toEqual({ spec: { players: [zerks] } })
    expect(second['metadata']).toMatchObject({ name: 'a', namespace: 'default' })
  })

  it('keeps what others set', () => {
    const edited = update(first, {
      ...first,
      spec: { displayName: 'A', runState: 'Running', players: [terrans, zerks] },
    })
    const second = apply(edited, game({ players: [terrans] }))
    expect(bare(second)).toEqual({ spec: { displayName: 'A', players: [terrans] } })
  })

  it('keeps what another applies too', () => {
    const shared = apply(first, game({ runState: 'Running', players: [zerks] }), { by: 'bob' })
    expect(bare(apply(shared, game({ players: [terrans] })))).toEqual({
      spec: { runState: 'Running', players: [terrans, zerks] },
    })
  })

  it('keeps the order that is applied, and others before the item they stood before', () => {
    const names = (object: JsonObject) => {
      const spec = isObject(object['spec']) ? object['spec'] : {}
      return (Array.isArray(spec['players']) ? spec['players'] : []).map((each: JsonObject) => each['raceName'])
    }
    const player = (raceName: string) => ({ raceName, userId: 'u' })
    const live = apply(undefined, game({ players: ['A', 'x', 'B', 'y'].map(player) }), { by: 'bob' })
    expect(names(apply(live, game({ players: ['B', 'n', 'A'].map(player) })))).toEqual(['x', 'B', 'y', 'n', 'A'])
  })

  it('moves only the time of a manager whose apply changed something', () => {
    const second = apply(first, game({ runState: 'Paused', players: [terrans, zerks] }), { now: tuesday })
    expect(second['metadata']).toMatchObject({ managedFields: [{ time: '2026-11-17T10:00:00Z' }] })
  })

  it('drops an applier that applies nothing any more', () => {
    const { spec: _spec, ...nothing } = game({})
    expect(owners(apply(apply(first, game({ displayName: 'B' }), { by: 'bob' }), nothing, { by: 'bob' }))).toEqual(
      owners(first),
    )
  })
})

describe('conflicts', () => {
  const created = update(
    undefined,
    game({ runState: 'Running', turns: { schedule: '* * * * *' }, players: [terrans] }),
    'k',
  )

  it('names every field another manager holds with another value', () => {
    const applied = game({ runState: 'Paused', players: [{ ...terrans, userId: 'eve' }] })
    const result = tryApply(created, applied)
    const conflicts = 'conflicts' in result ? result.conflicts : []
    expect(conflicts.map(({ field }) => field)).toEqual(['.spec.runState', '.spec.players[raceName="Terrans"].userId'])
    expect(conflictMessage(conflicts)).toBe(
      'Apply failed with 2 conflicts: conflicts with "k" using galaxy.dev/v1:\n' +
        '- .spec.runState\n- .spec.players[raceName="Terrans"].userId',
    )
  })

  it('says a single one in one line', () => {
    expect(() => apply(created, game({ turns: { schedule: '0 * * * *' } }))).toThrow(
      'Apply failed with 1 conflict: conflict with "k" using galaxy.dev/v1: .spec.turns.schedule',
    )
  })

  it('does not mind the same value: it is then shared', () => {
    const shared = apply(created, game({ runState: 'Running' }))
    expect(owners(shared)).toMatchObject({
      'ada Apply': { 'f:spec': { 'f:runState': {} } },
      'k Update': { 'f:spec': { 'f:runState': {} } },
    })
  })

  it('takes the fields from others when forced', () => {
    const forced = apply(created, game({ runState: 'Paused' }), { force: true })
    expect(bare(forced)).toMatchObject({ spec: { runState: 'Paused' } })
    expect(owners(forced)['k Update']).not.toHaveProperty(['f:spec', 'f:runState'])
  })

  it('is none for what nobody holds', () => {
    const reset = update(created, game(created['spec'] as JsonObject, { uid: '1', managedFields: [{}] }))
    expect(owners(reset)).toEqual({})
    expect(() => apply(reset, game({ runState: 'Paused' }))).toThrow('conflict with "before-first-apply"')
  })
})

describe('kubectl', () => {
  const note = 'kubectl.kubernetes.io/last-applied-configuration'
  const noted = (spec: JsonObject) => ({
    annotations: { [note]: `${JSON.stringify(game(spec, { annotations: {} }))}\n` },
  })
  const created = update(
    undefined,
    game({ runState: 'Running' }, noted({ runState: 'Running' })),
    'kubectl-client-side-apply',
  )

  it('takes over from its client-side apply without a conflict', () => {
    const taken = apply(created, game({ runState: 'Paused' }), { by: 'kubectl' })
    expect(bare(taken)).toEqual({ spec: { runState: 'Paused' } })
  })

  it('keeps the note of client-side apply up to date', () => {
    const taken = apply(created, game({ runState: 'Paused' }), { by: 'kubectl' })
    expect(taken).toHaveProperty(
      ['metadata', 'annotations', note],
      '{"apiVersion":"galaxy.dev/v1","kind":"Game","metadata":{"name":"a","namespace":"default"},"spec":{"runState":"Paused"}}\n',
    )
  })

  it('takes nothing over from other managers', () => {
    const edited = update(created, { ...created, spec: { runState: 'Stopped', displayName: 'E' } })
    expect(() => apply(edited, game({ displayName: 'A' }), { by: 'kubectl' })).toThrow('conflict with "kubectl-edit"')
  })
})

describe('the status subresource', () => {
  const created = apply(undefined, game({ runState: 'Running' }))

  it('is managed on its own', () => {
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
    const applied = { ...game({ runState: 'Stopped' }, { labels: { not: 'this' } }), status }
    const object = apply(created, applied, { by: 'ada', subresource: 'status' })
    expect(owners(object)).toEqual({
      'ada Apply': {
        'f:status': {
          'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } },
          'f:phase': {},
        },
      },
    })
    expect(object['metadata']).toMatchObject({ managedFields: [{}, { subresource: 'status' }] })
    expect(object['metadata']).not.toHaveProperty('labels')
  })
})
