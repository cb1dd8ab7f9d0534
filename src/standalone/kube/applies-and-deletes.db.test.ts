import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../platform/json.ts'
import { valueAt } from './json-path.ts'
import { gameNamed, games, startTestServer, type TestServer } from './testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

let count = 0
const fresh = () => `game-${(count += 1)}`
const call: TestServer['call'] = (...request) => server.call(...request)
const made = async (more: JsonObject = {}) => {
  const { body } = await call('POST', games, { body: { ...gameNamed(fresh()), ...more } })
  return { body, path: `${games}/${String(valueAt(body, ['metadata', 'name']))}` }
}
const merge = (path: string, body: unknown) => call('PATCH', path, { body, type: 'application/merge-patch+json' })
const meta = (body: JsonObject, field: string) => valueAt(body, ['metadata', field])

describe('applying', () => {
  const apply = (path: string, body: unknown, more = '') =>
    call('PATCH', `${path}?fieldManager=ada${more}`, { body, type: 'application/apply-patch+yaml' })

  it('creates, then merges, and changes nothing when nothing changes', async () => {
    const name = fresh()
    const path = `${games}/${name}`
    const created = await apply(path, gameNamed(name))
    expect(created).toMatchObject({
      code: 201,
      body: { metadata: { managedFields: [{ manager: 'ada', operation: 'Apply' }] } },
    })
    const again = await apply(path, gameNamed(name))
    expect(again.code).toBe(200)
    expect(meta(again.body, 'resourceVersion')).toBe(meta(created.body, 'resourceVersion'))
  })

  it('reads YAML', async () => {
    const name = fresh()
    const yaml = `apiVersion: galaxy.dev/v1\nkind: Game\nmetadata: { name: ${name} }\nspec: { engine: { version: ~1.0 } }\n`
    expect((await apply(`${games}/${name}`, yaml)).code).toBe(201)
  })

  it('reports fields that others have, and takes them by force', async () => {
    const { body, path } = await made({ spec: { engine: { version: '1' }, displayName: 'Theirs' } })
    const mine = gameNamed(String(meta(body, 'name')), { spec: { displayName: 'Mine' } })
    expect(await apply(path, mine)).toMatchObject({
      code: 409,
      body: {
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "node" using galaxy.dev/v1: .spec.displayName',
        details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.displayName' }] },
      },
    })
    expect(await apply(path, mine, '&force=true')).toMatchObject({ code: 200, body: { spec: { displayName: 'Mine' } } })
  })

  it('needs a manager, and the type of the object', async () => {
    const type = 'application/apply-patch+yaml'
    const anonymous = await call('PATCH', `${games}/a`, { body: gameNamed('a'), type })
    expect(anonymous.body['message']).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )
    expect((await apply(`${games}/a`, { spec: {} })).code).toBe(400)
  })
})

describe('deleting', () => {
  it('answers a success, and the object is gone', async () => {
    const { body, path } = await made()
    const name = String(meta(body, 'name'))
    expect(await call('DELETE', path)).toMatchObject({
      code: 200,
      body: {
        kind: 'Status',
        status: 'Success',
        details: { name, group: 'galaxy.dev', kind: 'games', uid: meta(body, 'uid') },
      },
    })
    expect((await call('GET', path)).code).toBe(404)
  })

  it('waits for finalizers, takes no new ones, and goes with the last', async () => {
    const { path } = await made({ metadata: { name: fresh(), finalizers: ['galaxy.dev/engine'] } })
    const deleted = await call('DELETE', path)
    expect(deleted.body).toMatchObject({ kind: 'Game', metadata: { deletionGracePeriodSeconds: 0, generation: 2 } })
    expect(meta((await call('DELETE', path)).body, 'resourceVersion')).toBe(meta(deleted.body, 'resourceVersion'))
    const more = await merge(path, { metadata: { finalizers: ['galaxy.dev/engine', 'galaxy.dev/more'] } })
    expect(more.body['message']).toContain(
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"galaxy.dev/more"}',
    )
    expect((await merge(path, { metadata: { finalizers: null } })).code).toBe(200)
    expect((await call('GET', path)).code).toBe(404)
  })

  it('checks preconditions', async () => {
    const { body, path } = await made()
    const wrong = await call('DELETE', path, { body: { preconditions: { uid: 'other' } } })
    expect(wrong).toMatchObject({ code: 409, body: { message: expect.stringContaining('UID in precondition: other') } })
    const stale = await call('DELETE', path, { body: { preconditions: { resourceVersion: '1' } } })
    expect(stale.code).toBe(409)
    expect((await call('DELETE', path, { body: { preconditions: { uid: meta(body, 'uid') } } })).code).toBe(200)
  })

  it('deletes all that match', async () => {
    const label = fresh()
    const labels = { batch: label }
    await Promise.all(Array.from({ length: 3 }, () => made({ metadata: { name: fresh(), labels } })))
    const { body } = await call('DELETE', `${games}?labelSelector=batch=${label}`)
    expect(body).toMatchObject({ kind: 'GameList', items: [{}, {}, {}] })
    expect((await call('GET', `${games}?labelSelector=batch=${label}`)).body['items']).toEqual([])
  })

  it.each(['propagationPolicy=Later', 'dryRun=Some'])('refuses %s', async (query) => {
    const { path } = await made()
    expect((await call('DELETE', `${path}?${query}`)).code).toBe(400)
  })
})

describe('a dry run', () => {
  it('does everything but keep the result', async () => {
    const { body, path } = await made()
    const changed = await call('PATCH', `${path}?dryRun=All`, {
      body: { spec: { displayName: 'New' } },
      type: 'application/merge-patch+json',
    })
    expect(changed.body).toMatchObject({ metadata: { generation: 2 }, spec: { displayName: 'New' } })
    expect((await call('DELETE', `${path}?dryRun=All`)).code).toBe(200)
    expect((await call('DELETE', path, { body: { dryRun: ['All'] } })).code).toBe(200)
    expect((await call('POST', `${games}?dryRun=All`, { body: gameNamed('never') })).code).toBe(201)
    expect((await call('GET', `${games}/never`)).code).toBe(404)
    expect((await call('GET', path)).body).toEqual(body)
  })
})
