import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { isObject, type JsonObject } from '../../platform/json.ts'
import { listAt, textAt, valueAt } from './json-path.ts'
import { gameNamed, games, startTestServer, type TestServer, type TestWatch } from './testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const call: TestServer['call'] = (...request) => server.call(...request)
const make = (name: string, labels: JsonObject = {}) =>
  call('POST', games, { body: { ...gameNamed(name), metadata: { name, labels } } })
const label = (name: string, labels: JsonObject) =>
  call('PATCH', `${games}/${name}`, { body: { metadata: { labels } }, type: 'application/merge-patch+json' })
const version = async () => textAt((await call('GET', games)).body, ['metadata', 'resourceVersion'])
const namesOf = (body: JsonObject) => listAt(body, ['items']).map((item) => textAt(item, ['metadata', 'name']))
const told = ({ events }: TestWatch) =>
  events.map((event) => `${textAt(event, ['type'])} ${textAt(event, ['object', 'metadata', 'name'])}`)
const until = (watch: TestWatch, count: number) =>
  vi.waitFor(() => expect(watch.events.length).toBeGreaterThanOrEqual(count), { timeout: 20_000, interval: 5 })

describe('listing', () => {
  it('goes on in the state it began with, whatever happens meanwhile', async () => {
    const [selector, labels] = ['labelSelector=set=pages', { set: 'pages' }]
    for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) await make(name, labels)
    const first = await call('GET', `${games}?${selector}&limit=2`)
    await call('DELETE', `${games}/p3`)
    await make('p25', labels)
    await label('p4', { set: null })
    const token = () => textAt(first.body, ['metadata', 'continue'])
    const second = await call('GET', `${games}?${selector}&limit=2&continue=${token()}`)
    const third = await call('GET', `${games}?${selector}&continue=${textAt(second.body, ['metadata', 'continue'])}`)
    expect([first, second, third].flatMap(({ body }) => namesOf(body))).toEqual(['p1', 'p2', 'p3', 'p4', 'p5'])
    expect(namesOf((await call('GET', `${games}?${selector}`)).body)).toEqual(['p1', 'p2', 'p25', 'p5'])
    const exact = textAt(first.body, ['metadata', 'resourceVersion'])
    const again = await call('GET', `${games}?${selector}&resourceVersion=${exact}&resourceVersionMatch=Exact`)
    expect(namesOf(again.body)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5'])
  })

  it('counts what remains', async () => {
    const all = namesOf((await call('GET', games)).body).length
    const { body } = await call('GET', `${games}?limit=1`)
    expect(valueAt(body, ['metadata', 'remainingItemCount'])).toBe(all - 1)
  })

  it('selects by labels, fields and namespace', async () => {
    await make('s1', { tier: 'web' })
    await make('s2', { tier: 'api' })
    const found = async (query: string) => namesOf((await call('GET', `${games}?${query}`)).body)
    expect(await found('labelSelector=tier in (web,api)')).toEqual(['s1', 's2'])
    expect(await found('fieldSelector=metadata.name=s2')).toEqual(['s2'])
    expect(await found('fieldSelector=metadata.name=s2&labelSelector=tier=web')).toEqual([])
    expect(namesOf((await call('GET', games.replace('default', 'galaxy-system'))).body)).toEqual([])
    expect((await call('GET', `${games}?fieldSelector=spec.x=1`)).code).toBe(400)
    expect((await call('GET', `${games}?labelSelector=(`)).code).toBe(400)
  })

  it('answers 504 for a version that is still to come, and 410 for one that never was', async () => {
    const ahead = Number(await version()) + 100
    expect(await call('GET', `${games}?resourceVersion=${ahead}`)).toMatchObject({
      code: 504,
      body: { reason: 'Timeout' },
    })
    const token = Buffer.from(JSON.stringify({ v: 'galaxy/v1', rv: ahead, after: '' })).toString('base64url')
    expect(await call('GET', `${games}?continue=${token}`)).toMatchObject({ code: 410, body: { reason: 'Expired' } })
  })

  it('makes tables of its columns', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
    const { body } = await call('GET', `${games}?labelSelector=tier=web`, { headers: { accept } })
    expect(
      listAt(body, ['columnDefinitions'])
        .map((column) => textAt(column, ['name']))
        .slice(0, 3),
    ).toEqual(['Name', 'Phase', 'Turn'])
    expect(listAt(body, ['rows'])).toMatchObject([
      { cells: expect.arrayContaining(['s1']), object: { kind: 'PartialObjectMetadata', metadata: { name: 's1' } } },
    ])
    const none = await call('GET', `${games}/s1?includeObject=None`, { headers: { accept } })
    expect(valueAt(listAt(none.body, ['rows'])[0], ['object'])).toBeUndefined()
  })
})

describe('watching', () => {
  it('begins with what is there when no version is named', async () => {
    await make('w0', { watch: 'begin' })
    const watch = await server.watch(`${games}?watch=true&labelSelector=watch=begin`)
    await until(watch, 1)
    await label('w0', { more: 'x' })
    await call('DELETE', `${games}/w0`)
    await until(watch, 3)
    watch.stop()
    expect(told(watch)).toEqual(['ADDED w0', 'MODIFIED w0', 'DELETED w0'])
  })

  it('tells of objects that come to match, and cease to', async () => {
    await make('t1', { turn: 'a' })
    const watch = await server.watch(`${games}?watch=true&resourceVersion=${await version()}&labelSelector=turn=b`)
    await label('t1', { turn: 'b' })
    await label('t1', { x: 'y' })
    await label('t1', { turn: 'c' })
    await until(watch, 3)
    watch.stop()
    expect(told(watch)).toEqual(['ADDED t1', 'MODIFIED t1', 'DELETED t1'])
    expect(valueAt(watch.events[2], ['object', 'metadata', 'labels', 'turn'])).toBe('b')
  })

  it('hears every write once and in order, over reconnects and restarts', async () => {
    const since = await version()
    const writer = async (name: string, rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        await make(name, { order: 'x' })
        await label(name, { round: `r${round}` })
        await call('DELETE', `${games}/${name}`)
      }
    }
    const heard: JsonObject[] = []
    let seen = since
    let current: TestWatch | undefined
    const newest = () => textAt(current?.events.at(-1), ['object', 'metadata', 'resourceVersion']) || seen
    const over = new AbortController()
    const reader = (async () => {
      while (!over.signal.aborted) {
        const watch = await server.watch(`${games}?watch=true&resourceVersion=${seen}`).catch(() => undefined)
        if (!watch) continue
        current = watch
        const enough = 1 + Math.floor(Math.random() * 8)
        while (!over.signal.aborted && !watch.hasEnded() && watch.events.length < enough) await nextTurn()
        watch.stop()
        heard.push(...watch.events)
        seen = newest()
        current = undefined
      }
    })()
    await Promise.all(['o1', 'o2', 'o3', 'o4'].map((name) => writer(name, 12)))
    await server.restart()
    await writer('o5', 3)
    await vi.waitFor(async () => expect(newest()).toBe(await version()), { timeout: 20_000, interval: 5 })
    over.abort()
    await reader
    const versions = heard.map((event) => Number(textAt(event, ['object', 'metadata', 'resourceVersion'])))
    expect(versions).toEqual(Array.from({ length: (4 * 12 + 3) * 3 }, (_, index) => Number(since) + 1 + index))
  })

  it('ends with a bookmark when its time is up', async () => {
    const watch = await server.watch(
      `${games}?watch=true&resourceVersion=${await version()}&timeoutSeconds=1&allowWatchBookmarks=true`,
    )
    await watch.ended
    expect(watch.events).toEqual([
      {
        type: 'BOOKMARK',
        object: {
          kind: 'Game',
          apiVersion: 'galaxy.dev/v1',
          metadata: { resourceVersion: await version(), creationTimestamp: null },
        },
      },
    ])
  })

  it('marks the end of the initial events when asked to', async () => {
    const query =
      'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=tier=web'
    const watch = await server.watch(`${games}?${query}`)
    await until(watch, 2)
    watch.stop()
    expect(watch.events[1]).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })
  })

  it('answers 410 to a version it knows nothing of', async () => {
    const watch = await server.watch(`${games}?watch=true&resourceVersion=${Number(await version()) + 1000}`)
    await watch.ended
    expect(watch.events).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }])
  })

  it('writes rows of a table when asked to, with the columns once', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const watch = await server.watch(`${games}?watch=true&labelSelector=tier`, accept)
    await until(watch, 2)
    watch.stop()
    const columns = watch.events.map((event) => valueAt(event, ['object', 'columnDefinitions']))
    expect([Array.isArray(columns[0]), columns[1]]).toEqual([true, null])
    expect(watch.events[1]).toMatchObject({
      type: 'ADDED',
      object: { kind: 'Table', rows: [{ cells: expect.arrayContaining(['s2']) }] },
    })
  })

  it('ends in good order when the server does', async () => {
    const watch = await server.watch(`${games}?watch=true&resourceVersion=${await version()}&allowWatchBookmarks=true`)
    await server.restart()
    await watch.ended
    expect(watch.events.map((event) => textAt(event, ['type']))).toEqual(['BOOKMARK'])
  })
})

describe('events', () => {
  const events = '/api/v1/namespaces/default/events'
  const regrouped = '/apis/events.k8s.io/v1/namespaces/default/events'

  it('are the same in both groups, and selected by what each calls them', async () => {
    const involvedObject = { kind: 'Game', name: 'e', namespace: 'default', uid: 'u1' }
    const body = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e1' },
      involvedObject,
      message: 'hello',
      reason: 'R',
    }
    expect((await call('POST', events, { body })).code).toBe(201)
    const { body: other } = await call('GET', `${regrouped}/e1`)
    expect(other).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'hello', regarding: involvedObject })
    expect(isObject(other['involvedObject'])).toBe(false)
    const found = async (path: string, selector: string) =>
      namesOf((await call('GET', `${path}?fieldSelector=${selector}`)).body)
    expect(await found(events, 'involvedObject.uid=u1,reason=R')).toEqual(['e1'])
    expect(await found(regrouped, 'regarding.uid=u1')).toEqual(['e1'])
    expect(await found(events, 'involvedObject.uid=u2')).toEqual([])
    const again = { ...other, metadata: { name: 'e2' } }
    expect((await call('POST', regrouped, { body: again })).code).toBe(201)
    expect((await call('GET', `${events}/e2`)).body).toMatchObject({
      apiVersion: 'v1',
      message: 'hello',
      involvedObject,
    })
  })
})

describe('discovery', () => {
  it('tells of groups and resources, plainly and at once', async () => {
    const { body } = await call('GET', '/apis/galaxy.dev/v1')
    expect(listAt(body, ['resources']).map((each) => textAt(each, ['name']))).toEqual([
      'games',
      'games/status',
      'engineversions',
      'engineversions/status',
    ])
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    const { body: all, headers } = await call('GET', '/apis', { headers: { accept } })
    expect(headers.get('content-type')).toMatch(/g="?apidiscovery.k8s.io"?; v="?v2"?; as="?APIGroupDiscoveryList/)
    const groups = listAt(all, ['items']).map((item) => textAt(item, ['metadata', 'name']))
    expect(groups).toContain('galaxy.dev')
    expect(groups).toEqual(listAt((await call('GET', '/apis')).body, ['groups']).map((each) => textAt(each, ['name'])))
  })

  it('describes every kind it serves in OpenAPI', async () => {
    const { body: index } = await call('GET', '/openapi/v3')
    const path = textAt(index, ['paths', 'apis/galaxy.dev/v1', 'serverRelativeURL'])
    const { body } = await call('GET', path)
    expect(valueAt(body, ['components', 'schemas', 'dev.galaxy.v1.Game', 'x-kubernetes-group-version-kind'])).toEqual([
      { group: 'galaxy.dev', version: 'v1', kind: 'Game' },
    ])
    const item = '/apis/galaxy.dev/v1/namespaces/{namespace}/games/{name}'
    const parameters = listAt(body, ['paths', item, 'patch', 'parameters']).map((each) => textAt(each, ['name']))
    expect(parameters).toEqual(expect.arrayContaining(['fieldValidation', 'dryRun']))
    expect((await call('GET', '/openapi/v2')).body).toMatchObject({ swagger: '2.0' })
  })

  it('says who asks, and that they may', async () => {
    const who = await call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {} })
    expect(who.body).toMatchObject({ status: { userInfo: { username: 'tester' } } })
    const may = await call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body: { spec: {} } })
    expect(may).toMatchObject({ code: 201, body: { status: { allowed: true } } })
  })
})
