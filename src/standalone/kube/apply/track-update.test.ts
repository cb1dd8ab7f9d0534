import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../platform/json.ts'
import { customResourceDefinitions } from '../../../resources/index.ts'
import { applyServerSide, trackUpdate } from './index.ts'

const schema = customResourceDefinitions[0]?.spec.versions[0]?.schema.openAPIV3Schema ?? {}
const [monday, tuesday] = [new Date('2026-11-16T10:00:00Z'), new Date('2026-11-17T10:00:00Z')]

function game(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'galaxy.dev/v1', kind: 'Game', metadata: { name: 'a', uid: '1', ...metadata }, spec }
}

type Updating = { by?: string; now?: Date; subresource?: string }

function update(live: JsonObject | undefined, updated: JsonObject, updating: Updating = {}): JsonObject {
  const { by = 'kubectl', now = monday, subresource } = updating
  const input = { schema, live, updated, manager: by, operation: 'Update', now } as const
  return trackUpdate(subresource ? { ...input, subresource } : input)
}

function managedFields({ metadata }: JsonObject): JsonObject[] {
  return (metadata as { managedFields?: JsonObject[] }).managedFields ?? []
}

const who = (object: JsonObject) => managedFields(object).map(({ manager }) => manager)

describe('a creation', () => {
  it('gives its writer everything, maps and lists included', () => {
    const created = update(undefined, game({ players: [{ raceName: 'T' }] }, { labels: { a: 'b' } }))
    expect(managedFields(created)).toEqual([
      {
        manager: 'kubectl',
        operation: 'Update',
        apiVersion: 'galaxy.dev/v1',
        time: '2026-11-16T10:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
          'f:spec': { '.': {}, 'f:players': { '.': {}, 'k:{"raceName":"T"}': { '.': {}, 'f:raceName': {} } } },
        },
      },
    ])
  })
})

describe('an update', () => {
  const created = update(undefined, game({ runState: 'Running', displayName: 'A' }))

  it('takes what it changes from others', () => {
    const updated = update(
      created,
      { ...created, spec: { runState: 'Paused', displayName: 'A' } },
      { by: 'ada', now: tuesday },
    )
    expect(managedFields(updated)).toMatchObject([
      { manager: 'kubectl', time: '2026-11-16T10:00:00Z', fieldsV1: { 'f:spec': { '.': {}, 'f:displayName': {} } } },
      { manager: 'ada', time: '2026-11-17T10:00:00Z', fieldsV1: { 'f:spec': { 'f:runState': {} } } },
    ])
  })

  it('that removes a field leaves it to nobody', () => {
    const updated = update(created, { ...created, spec: { runState: 'Running' } }, { by: 'ada' })
    expect(managedFields(updated)).toMatchObject([{ fieldsV1: { 'f:spec': { '.': {}, 'f:runState': {} } } }])
    expect(who(updated)).toEqual(['kubectl'])
  })

  it('that changes nothing leaves all as it was', () => {
    expect(update(created, created, { by: 'ada', now: tuesday })).toEqual(created)
  })

  it('by a client that does not send managedFields keeps them', () => {
    expect(update(created, game({ runState: 'Running', displayName: 'A' }), { by: 'ada' })).toEqual(created)
  })

  it('of the status counts on its own, and cannot change who manages the rest', () => {
    const wanted = {
      ...game({ runState: 'Running', displayName: 'A' }, { managedFields: [{}] }),
      status: { phase: 'Running' },
    }
    const updated = update(created, wanted, { subresource: 'status' })
    expect(managedFields(updated)).toMatchObject([
      managedFields(created)[0],
      { manager: 'kubectl', subresource: 'status', fieldsV1: { 'f:status': { '.': {}, 'f:phase': {} } } },
    ])
  })

  it('that sends one empty entry empties the list, until somebody applies', () => {
    const reset = update(created, game({ runState: 'Running', displayName: 'A' }, { managedFields: [{}] }))
    expect(managedFields(reset)).toEqual([])
    expect(managedFields(update(reset, game({ runState: 'Paused' })))).toEqual([])
    const applied = game({ hibernation: { idleAfter: '5m' } })
    const result = applyServerSide({ schema, live: reset, applied, manager: 'ada', force: false, now: tuesday })
    expect('object' in result && who(result.object)).toEqual(['ada', 'before-first-apply'])
  })

  it('may hand fields over to another manager, as kubectl does', () => {
    const entries = managedFields(created).map((entry) => ({ ...entry, manager: 'other', operation: 'Apply' }))
    const updated = update(created, game({ runState: 'Running', displayName: 'A' }, { managedFields: entries }))
    expect(managedFields(updated)).toEqual(entries)
  })
})

describe('many updaters', () => {
  it('become one, but for the ten newest', () => {
    let object = update(undefined, game({ settings: { n: 0 } }), { by: 'creator' })
    for (let n = 1; n <= 20; n++) {
      const now = new Date(monday.getTime() + n * 1000)
      object = update(object, { ...object, spec: { settings: { n: 0, [`key-${n}`]: n } } }, { by: `writer-${n}`, now })
      object = { ...object, spec: { settings: { n: 0 } }, ...object }
    }
    expect(managedFields(object).length).toBeLessThanOrEqual(10)
  })

  it('keep what the merged ones managed', () => {
    let object = update(undefined, game({ settings: {} }), { by: 'creator' })
    const settings: JsonObject = {}
    for (let n = 1; n <= 12; n++) {
      settings[`key-${n}`] = n
      const now = new Date(monday.getTime() + n * 1000)
      object = update(object, { ...object, spec: { settings: { ...settings } } }, { by: `writer-${n}`, now })
    }
    expect(who(object)).toEqual(['ancient-changes', ...[4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => `writer-${n}`)])
    expect(managedFields(object)[0]).toMatchObject({
      fieldsV1: { 'f:spec': { 'f:settings': { 'f:key-1': {}, 'f:key-2': {}, 'f:key-3': {} } } },
    })
  })
})
