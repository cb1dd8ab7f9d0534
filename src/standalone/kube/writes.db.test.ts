import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isObject, type JsonObject } from '../../platform/json.ts'
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
const spec = (body: JsonObject) => (isObject(body['spec']) ? body['spec'] : {})

describe('authentication', () => {
  it.each(['/api', '/version', games, '/openapi/v3', '/nothing'])('answers 401 on %s without a token', async (path) => {
    const { code, body } = await call('GET', path, { token: '' })
    expect(code).toBe(401)
    expect(body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401 })
  })

  it('answers 401 to a wrong token', async () => {
    expect((await call('POST', games, { token: 'wrong', body: gameNamed('x') })).code).toBe(401)
  })

  it.each(['/healthz', '/livez', '/readyz'])('tells anyone on %s that it is well', async (path) => {
    expect(await call('GET', path, { token: '' })).toMatchObject({ code: 200, body: { text: 'ok' } })
  })
})

describe('creating', () => {
  it('fills in what the server knows, and defaults', async () => {
    const name = fresh()
    const { code, body } = await call('POST', games, { body: { ...gameNamed(name), status: { phase: 'Running' } } })
    expect(code).toBe(201)
    expect(body).toMatchObject({
      metadata: { name, namespace: 'default', generation: 1 },
      spec: { runState: 'Running' },
    })
    expect(meta(body, 'uid')).toMatch(/^[0-9a-f-]{36}$/)
    expect(meta(body, 'creationTimestamp')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(body['status']).toBeUndefined()
  })

  it('refuses a name that is taken', async () => {
    const { body } = await made()
    const again = await call('POST', games, { body: gameNamed(String(meta(body, 'name'))) })
    expect(again).toMatchObject({
      code: 409,
      body: { reason: 'AlreadyExists', message: `games.galaxy.dev "${String(meta(body, 'name'))}" already exists` },
    })
  })

  it('makes a name out of generateName', async () => {
    const game = { ...gameNamed(''), metadata: { generateName: 'quick-' } }
    const names = await Promise.all(
      Array.from({ length: 5 }, async () => meta((await call('POST', games, { body: game })).body, 'name')),
    )
    expect(new Set(names).size).toBe(5)
    for (const name of names) expect(name).toMatch(/^quick-[a-z0-9]{5}$/)
  })

  it.each([
    ['no name', { ...gameNamed(''), metadata: {} }, 422, 'metadata.name: Required value'],
    ['no spec', { ...gameNamed('a'), spec: undefined }, 422, 'spec: Required value'],
    ['a wrong type', gameNamed('a', { spec: { displayName: 5, engine: { version: '1' } } }), 422, 'spec.displayName'],
    [
      'another namespace',
      gameNamed('a', { metadata: { name: 'a', namespace: 'other' } }),
      400,
      'namespace of the provided',
    ],
    ['another kind', gameNamed('a', { kind: 'Engine' }), 400, 'does not match the expected kind (Game)'],
    ['another version', gameNamed('a', { apiVersion: 'galaxy.dev/v2' }), 400, 'expected API version (galaxy.dev/v1)'],
    [
      'a version',
      gameNamed('a', { metadata: { name: 'a', resourceVersion: '1' } }),
      400,
      'resourceVersion should not be set',
    ],
    ['no sense', '{', 400, 'cannot be read'],
  ])('refuses an object with %s', async (_what, body, code, message) => {
    const reply = await call('POST', games, { body })
    expect(reply.code).toBe(code)
    expect(reply.body).toMatchObject({ kind: 'Status', message: expect.stringContaining(message) })
  })

  it('names every field at fault', async () => {
    const { body } = await call('POST', games, {
      body: gameNamed('a', { spec: { engine: {}, turns: { timeZone: 'Mars/Base' } } }),
    })
    expect(body).toMatchObject({
      reason: 'Invalid',
      details: { name: 'a', group: 'galaxy.dev', kind: 'Game' },
      message: expect.stringMatching(
        /^Game.galaxy.dev "a" is invalid: .*spec.turns.timeZone: Invalid value: "Mars\/Base"/,
      ),
    })
  })

  it('refuses a namespace that is not there', async () => {
    const { code, body } = await call('POST', games.replace('default', 'nowhere'), { body: gameNamed('a') })
    expect({ code, message: body['message'] }).toEqual({ code: 404, message: 'namespaces "nowhere" not found' })
  })

  it('refuses a body beyond three mebibytes', async () => {
    const settings = { text: 'x'.repeat(3 * 1024 * 1024) }
    const reply = await call('POST', games, { body: gameNamed('a', { spec: { engine: { version: '1' }, settings } }) })
    expect(reply).toMatchObject({ code: 413, body: { reason: 'RequestEntityTooLarge' } })
  })

  it('keeps strange texts as they are', async () => {
    const settings = { text: 'nul \u0000, lone \ud800, "quotes" \\ {a,b}, ünïcödé 🚀', list: ['{}', 'NULL', ''] }
    const { path } = await made({ spec: { engine: { version: '1' }, settings } })
    // As the API server of Kubernetes reads it: half a character is none.
    const stored = { ...settings, text: settings.text.toWellFormed() }
    expect(spec((await call('GET', path)).body)['settings']).toEqual(stored)
  })
})

describe('a name for people', () => {
  it.each(['nul \u0000', 'two\nlines', 'escape \u001b[2J'])('such as %j is refused with its field', async (text) => {
    const players = [{ userId: 'ada', raceName: text }]
    const refused = await call('POST', games, {
      body: gameNamed(fresh(), { spec: { engine: { version: '1' }, displayName: text, players } }),
    })
    expect(refused.code).toBe(422)
    expect(refused.body['message']).toMatch(/spec\.displayName: .*spec\.players\[0\]\.raceName: /)
  })
})

describe('unknown fields', () => {
  const players = [{ userId: 'ada', raceName: 'Terrans' }]
  const strange = () => gameNamed(fresh(), { spec: { engine: { version: '1' }, players, colour: 'red' } })

  it('are refused when validation is strict', async () => {
    const { code, body } = await call('POST', `${games}?fieldValidation=Strict`, { body: strange() })
    expect(code).toBe(400)
    expect(body['message']).toContain('strict decoding error: unknown field "spec.colour"')
  })

  it('are warned of and dropped otherwise', async () => {
    const { code, body, headers } = await call('POST', games, { body: strange() })
    expect(code).toBe(201)
    expect(headers.get('warning')).toBe(String.raw`299 - "unknown field \"spec.colour\""`)
    expect(spec(body)['colour']).toBeUndefined()
  })

  it('are dropped in silence when asked to', async () => {
    const { headers } = await call('POST', `${games}?fieldValidation=Ignore`, { body: strange() })
    expect(headers.get('warning')).toBeNull()
  })
})

describe('updating', () => {
  it('needs the version it was made from, and refuses a stale one', async () => {
    const { body, path } = await made()
    const name = String(meta(body, 'name'))
    const { resourceVersion: _version, ...unversioned } = isObject(body['metadata']) ? body['metadata'] : {}
    const without = await call('PUT', path, { body: { ...body, metadata: unversioned } })
    expect(without).toMatchObject({
      code: 422,
      body: {
        message: `games.galaxy.dev "${name}" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update`,
      },
    })
    const changed = { ...body, spec: { ...spec(body), displayName: 'New' } }
    expect((await call('PUT', path, { body: changed })).code).toBe(200)
    const stale = await call('PUT', path, { body: changed })
    expect(stale).toMatchObject({
      code: 409,
      body: {
        reason: 'Conflict',
        message: `Operation cannot be fulfilled on games.galaxy.dev "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      },
    })
  })

  it('counts generations of the spec only', async () => {
    const { path } = await made()
    expect(meta((await merge(path, { metadata: { labels: { a: 'b' } } })).body, 'generation')).toBe(1)
    expect(meta((await merge(`${path}/status`, { status: { phase: 'Running' } })).body, 'generation')).toBe(1)
    expect(meta((await merge(path, { spec: { displayName: 'New' } })).body, 'generation')).toBe(2)
  })

  it('keeps status and the rest apart', async () => {
    const { path } = await made()
    expect((await merge(path, { status: { phase: 'Running' } })).body['status']).toBeUndefined()
    const status = await merge(`${path}/status`, { status: { phase: 'Running' }, spec: { displayName: 'Not this' } })
    expect(status.body).toMatchObject({ status: { phase: 'Running' } })
    expect(spec(status.body)['displayName']).toBeUndefined()
    expect((await merge(path, { spec: { displayName: 'New' } })).body).toMatchObject({ status: { phase: 'Running' } })
  })

  it('keeps the version when nothing changes', async () => {
    const { path } = await made()
    const once = await merge(path, { spec: { displayName: 'Same' } })
    const twice = await merge(path, { spec: { displayName: 'Same' } })
    expect(meta(twice.body, 'resourceVersion')).toBe(meta(once.body, 'resourceVersion'))
  })

  it('leaves what the server wrote alone', async () => {
    const { body, path } = await made()
    const changes = {
      creationTimestamp: '2000-01-01T00:00:00Z',
      generation: 77,
      deletionTimestamp: '2000-01-01T00:00:00Z',
    }
    const after = await merge(path, { metadata: changes })
    for (const field of [...Object.keys(changes), 'uid', 'resourceVersion'])
      expect(meta(after.body, field)).toBe(meta(body, field))
  })

  it('refuses another uid and another name', async () => {
    const { path } = await made()
    expect(await merge(path, { metadata: { uid: 'other' } })).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
    expect(await merge(path, { metadata: { name: 'other' } })).toMatchObject({
      code: 400,
      body: { reason: 'BadRequest' },
    })
  })

  it('answers 404 for what is not there', async () => {
    expect(await merge(`${games}/nope`, {})).toMatchObject({
      code: 404,
      body: { message: 'games.galaxy.dev "nope" not found' },
    })
    expect((await call('PUT', `${games}/nope`, { body: gameNamed('nope') })).code).toBe(404)
    expect((await call('DELETE', `${games}/nope`)).code).toBe(404)
  })
})

describe('patching', () => {
  it('takes JSON patches', async () => {
    const { path } = await made()
    const body = [{ op: 'add', path: '/spec/displayName', value: 'Patched' }]
    const reply = await call('PATCH', path, { body, type: 'application/json-patch+json' })
    expect(spec(reply.body)['displayName']).toBe('Patched')
  })

  it('says no more than a cluster when a JSON patch fails', async () => {
    const { path } = await made()
    const body = [{ op: 'test', path: '/spec/displayName', value: 'x' }]
    const reply = await call('PATCH', path, { body, type: 'application/json-patch+json' })
    expect(reply).toMatchObject({
      code: 422,
      body: { message: 'the server rejected our request due to an error in our request' },
    })
  })

  it('takes strategic merge patches for built-in kinds only', async () => {
    const type = 'application/strategic-merge-patch+json'
    const { path } = await made()
    expect((await call('PATCH', path, { body: {}, type })).code).toBe(415)
    const namespace = await call('PATCH', '/api/v1/namespaces/galaxy-system', {
      body: { metadata: { labels: { a: 'b' } } },
      type,
    })
    expect(namespace).toMatchObject({ code: 200, body: { metadata: { labels: { a: 'b' } } } })
  })
})

describe('what is not served', () => {
  it.each([
    ['GET', '/api/v1/pods', 404],
    ['GET', '/apis/galaxy.dev/v2/games', 404],
    ['GET', `${games}/a/scale`, 404],
    ['POST', `${games}/a`, 405],
    ['PUT', games, 405],
    ['POST', '/apis/galaxy.dev/v1/games', 404],
    ['GET', '/apis/galaxy.dev/v1/games/a', 404],
    ['DELETE', '/apis/galaxy.dev/v1/games', 404],
    ['DELETE', `${games}/a/status`, 405],
    ['DELETE', '/api/v1/namespaces', 405],
    ['PATCH', games, 405],
    ['GET', '/nothing', 404],
  ])('%s %s is answered %i', async (method, path, code) => {
    const { code: answered, body } = await call(method, path, method === 'GET' ? {} : { body: {} })
    expect(answered).toBe(code)
    expect(body).toMatchObject({ kind: 'Status', code })
  })
})

describe('definitions of kinds', () => {
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

  it('are there to read, and established', async () => {
    const { body } = await call('GET', `${crds}/games.galaxy.dev`)
    expect(body).toMatchObject({
      spec: { names: { kind: 'Game' } },
      status: { conditions: [{ type: 'NamesAccepted' }, { type: 'Established', status: 'True' }] },
    })
  })

  it('can be applied unchanged, and nothing else', async () => {
    const { body } = await call('GET', `${crds}/games.galaxy.dev`)
    expect(
      (await merge(`${crds}/games.galaxy.dev`, { metadata: { labels: { a: 'b' } }, spec: body['spec'] })).code,
    ).toBe(200)
    const changed = await merge(`${crds}/games.galaxy.dev`, { spec: { scope: 'Cluster' } })
    expect(changed).toMatchObject({ code: 403, body: { reason: 'Forbidden' } })
    expect((await call('DELETE', `${crds}/games.galaxy.dev`)).code).toBe(403)
  })
})
