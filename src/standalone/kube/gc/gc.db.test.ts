import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { JsonObject } from '../../../platform/json.ts'
import { silentLog } from '../../../platform/log.ts'
import { valueAt } from '../json-path.ts'
import { Store } from '../store/index.ts'
import { gameNamed, games, startTestServer, type TestServer } from '../testing/server.ts'

let now = new Date('2026-11-21T00:00:00Z')
let server: TestServer
beforeEach(async () => {
  now = new Date('2026-11-21T00:00:00Z')
  server = await startTestServer({ clock: { now: () => now } })
})
afterEach(() => server[Symbol.asyncDispose]())

const make = async (name: string, metadata: JsonObject = {}, path = games) => {
  const { body } = await server.call('POST', path, { body: { ...gameNamed(name), metadata: { name, ...metadata } } })
  return body
}
const uidOf = (object: JsonObject) => valueAt(object, ['metadata', 'uid'])
const ownedBy = (owner: JsonObject, more: JsonObject = {}) => {
  const name = valueAt(owner, ['metadata', 'name'])
  return { ownerReferences: [{ apiVersion: 'galaxy.dev/v1', kind: 'Game', name, uid: uidOf(owner), ...more }] }
}
const codeOf = async (path: string) => (await server.call('GET', path)).code
const gone = (...paths: string[]) =>
  vi.waitFor(async () => expect(await Promise.all(paths.map(codeOf))).toEqual(paths.map(() => 404)), {
    timeout: 20_000,
    interval: 10,
  })
const metadataOf = async (path: string) => (await server.call('GET', path)).body['metadata']

describe('deletion of an owner', () => {
  it('takes its dependents, and theirs, along', async () => {
    const owner = await make('owner')
    const child = await make('child', ownedBy(owner))
    await make('grandchild', ownedBy(child))
    await make('bystander')
    await server.call('DELETE', `${games}/owner`)
    await gone(`${games}/child`, `${games}/grandchild`)
    expect(await codeOf(`${games}/bystander`)).toBe(200)
  })

  it('keeps dependents that have another owner', async () => {
    const [one, two] = [await make('one'), await make('two')]
    await make('child', { ownerReferences: [...ownedBy(one).ownerReferences, ...ownedBy(two).ownerReferences] })
    await server.call('DELETE', `${games}/one`)
    await vi.waitFor(async () => expect(await metadataOf(`${games}/child`)).toMatchObject(ownedBy(two)), {
      timeout: 20_000,
    })
  })

  it('waits for dependents in the foreground', async () => {
    const owner = await make('owner')
    await make('child', { ...ownedBy(owner, { blockOwnerDeletion: true }), finalizers: ['galaxy.dev/engine'] })
    await server.call('DELETE', `${games}/owner?propagationPolicy=Foreground`)
    const deletionTimestamp = expect.any(String)
    await vi.waitFor(async () => expect(await metadataOf(`${games}/child`)).toMatchObject({ deletionTimestamp }), {
      timeout: 20_000,
    })
    expect(await metadataOf(`${games}/owner`)).toMatchObject({ deletionTimestamp, finalizers: ['foregroundDeletion'] })
    const type = 'application/merge-patch+json'
    await server.call('PATCH', `${games}/child`, { body: { metadata: { finalizers: null } }, type })
    await gone(`${games}/child`, `${games}/owner`)
  })

  it('lets dependents go on when asked to', async () => {
    const owner = await make('owner')
    await make('child', ownedBy(owner))
    await server.call('DELETE', `${games}/owner`, { body: { propagationPolicy: 'Orphan' } })
    await gone(`${games}/owner`)
    expect(await metadataOf(`${games}/child`)).not.toHaveProperty('ownerReferences')
  })
})

describe('garbage collection', () => {
  it('deletes what names an owner that is not there', async () => {
    const owner = await make('owner')
    await make('stranger', { ownerReferences: [{ ...ownedBy(owner).ownerReferences[0], uid: 'another' }] })
    await gone(`${games}/stranger`)
    expect(await codeOf(`${games}/owner`)).toBe(200)
  })

  it('leaves owners of kinds alone that nobody here knows', async () => {
    const reference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'd' }
    await make('child', { ownerReferences: [reference] })
    await make('marker', { ownerReferences: [{ ...reference, apiVersion: 'galaxy.dev/v1', kind: 'Game' }] })
    await gone(`${games}/marker`)
    expect(await codeOf(`${games}/child`)).toBe(200)
  })

  it('finds after a restart what a crash left behind', async () => {
    const owner = await make('owner')
    await make('child', ownedBy(owner))
    await server.restart(async () => {
      await using store = await Store.open({ url: server.databaseUrl, log: silentLog })
      const key = { kind: 'games.galaxy.dev', namespace: 'default', name: 'owner' }
      await store.write(key, (current) => ({ do: 'delete', object: current?.object ?? {} }))
      expect(store.list(key.kind).map(({ name }) => name)).toEqual(['child'])
    })
    await gone(`${games}/child`)
  })
})

describe('deletion of a namespace', () => {
  const inside = games.replace('default', 'arena')
  const namespace = '/api/v1/namespaces/arena'
  const makeNamespace = () => server.call('POST', '/api/v1/namespaces', { body: { metadata: { name: 'arena' } } })

  it('empties it first, and waits for finalizers', async () => {
    expect((await makeNamespace()).body).toMatchObject({
      status: { phase: 'Active' },
      spec: { finalizers: ['kubernetes'] },
    })
    await make('plain', {}, inside)
    await make('held', { finalizers: ['galaxy.dev/engine'] }, inside)
    expect((await server.call('DELETE', namespace)).body).toMatchObject({ status: { phase: 'Terminating' } })
    await gone(`${inside}/plain`)
    expect(await codeOf(`${inside}/held`)).toBe(200)
    const late = await server.call('POST', inside, { body: gameNamed('late') })
    expect(late).toMatchObject({
      code: 403,
      body: {
        message:
          'games.galaxy.dev "late" is forbidden: unable to create new content in namespace arena because it is being terminated',
      },
    })
    const type = 'application/merge-patch+json'
    await server.call('PATCH', `${inside}/held`, { body: { metadata: { finalizers: null } }, type })
    await gone(`${inside}/held`, namespace)
    expect((await makeNamespace()).code).toBe(201)
  })

  it('names the resources and the finalizers that it waits for', async () => {
    await makeNamespace()
    await make('held', { finalizers: ['galaxy.dev/engine'] }, inside)
    await make('other', { finalizers: ['galaxy.dev/engine', 'example.com/hook'] }, inside)
    await server.call('DELETE', namespace)
    const conditions = async () => {
      const list = valueAt((await server.call('GET', namespace)).body, ['status', 'conditions'])
      return new Map((Array.isArray(list) ? list : []).map((each) => [valueAt(each, ['type']), each]))
    }
    await vi.waitFor(
      async () =>
        expect((await conditions()).get('NamespaceFinalizersRemaining')).toEqual({
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message:
            'Some content in the namespace has finalizers remaining: example.com/hook in 1 resource instances, galaxy.dev/engine in 2 resource instances',
          lastTransitionTime: '2026-11-21T00:00:00Z',
        }),
      { timeout: 20_000 },
    )
    expect((await conditions()).get('NamespaceContentRemaining')).toMatchObject({
      status: 'True',
      message: 'Some resources are remaining: games.galaxy.dev has 2 resource instances',
    })
    expect((await conditions()).get('NamespaceDeletionContentFailure')).toMatchObject({ status: 'False' })
    now = new Date('2026-11-21T00:10:00Z')
    const type = 'application/merge-patch+json'
    await server.call('PATCH', `${inside}/other`, { body: { metadata: { finalizers: null } }, type })
    await vi.waitFor(
      async () =>
        expect((await conditions()).get('NamespaceContentRemaining')).toMatchObject({
          message: 'Some resources are remaining: games.galaxy.dev has 1 resource instances',
          lastTransitionTime: '2026-11-21T00:00:00Z',
        }),
      { timeout: 20_000 },
    )
    await server.call('PATCH', `${inside}/held`, { body: { metadata: { finalizers: null } }, type })
    await gone(namespace)
  })

  it('writes no more once all that is left is a finalizer of the namespace itself', async () => {
    await server.call('POST', '/api/v1/namespaces', {
      body: { metadata: { name: 'arena', finalizers: ['example.com/hook'] } },
    })
    await server.call('DELETE', namespace)
    await vi.waitFor(
      async () =>
        expect((await server.call('GET', namespace)).body).toMatchObject({
          spec: {},
          status: { conditions: expect.any(Array) },
        }),
      { timeout: 20_000 },
    )
    const version = async () => valueAt((await server.call('GET', namespace)).body, ['metadata', 'resourceVersion'])
    const settled = await version()
    for (let round = 0; round < 20; round += 1) await server.call('GET', namespace)
    expect(await version()).toBe(settled)
    await server.call('PATCH', namespace, {
      body: { metadata: { finalizers: null } },
      type: 'application/merge-patch+json',
    })
    await gone(namespace)
  })

  it('is refused for the permanent ones', async () => {
    for (const name of ['default', 'kube-system', 'galaxy-system']) {
      expect((await server.call('DELETE', `/api/v1/namespaces/${name}`)).code).toBe(403)
    }
  })
})

describe('events', () => {
  it('are forgotten an hour after they were last heard of', async () => {
    const events = '/api/v1/namespaces/default/events'
    const event = (name: string, more: JsonObject = {}) => ({ metadata: { name }, involvedObject: {}, ...more })
    await server.call('POST', events, { body: event('old') })
    await server.call('POST', events, { body: event('again', { lastTimestamp: '2026-11-21T00:30:00Z' }) })
    now = new Date('2026-11-21T01:00:01Z')
    await server.restart()
    await gone(`${events}/old`)
    expect(await codeOf(`${events}/again`)).toBe(200)
  })
})
