import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isObject, type JsonObject } from '../../platform/json.ts'
import { gameNamed, games, startTestServer, type TestServer } from './testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const players = [{ userId: 'ada', raceName: 'Terrans' }]

let count = 0
const fresh = () => `game-${(count += 1)}`
const call: TestServer['call'] = (...request) => server.call(...request)
const merge = (path: string, body: unknown) => call('PATCH', path, { body, type: 'application/merge-patch+json' })
const spec = (body: JsonObject) => (isObject(body['spec']) ? body['spec'] : {})

describe('what is allowed but risky', () => {
  const risky = (name = fresh()) => gameNamed(name, { spec: { players, engine: { image: 'engine:latest' } } })
  const warning = (image: string) =>
    `299 - ${JSON.stringify(`spec.engine.image: "${image}" may be another image tomorrow, and a restart would then change the engine of a running game`)}`

  it('is warned of when it is created, also when it is only tried', async () => {
    for (const query of ['', '?dryRun=All', '?fieldValidation=Ignore']) {
      const { code, headers } = await call('POST', `${games}${query}`, { body: risky() })
      expect(code).toBe(201)
      expect(headers.get('warning'), query).toBe(warning('engine:latest'))
    }
  })

  it('is warned of by every verb that brings it about', async () => {
    const name = fresh()
    const path = `${games}/${name}`
    const { body } = await call('POST', games, { body: gameNamed(name) })
    const update = { ...body, spec: { ...spec(body), players, engine: { image: 'a' } } }
    expect((await call('PUT', path, { body: update })).headers.get('warning')).toBe(warning('a'))
    expect((await merge(path, { spec: { engine: { image: 'b' } } })).headers.get('warning')).toBe(warning('b'))
    const operations = [{ op: 'replace', path: '/spec/engine/image', value: 'c' }]
    const patched = await call('PATCH', path, { body: operations, type: 'application/json-patch+json' })
    expect(patched.headers.get('warning')).toBe(warning('c'))
    const type = 'application/apply-patch+yaml'
    const applied = await call('PATCH', `${path}?fieldManager=t&force=true`, {
      body: { ...gameNamed(name, { spec: { players, engine: { image: 'd' } } }) },
      type,
    })
    expect(applied).toMatchObject({ code: 200 })
    expect(applied.headers.get('warning')).toBe(warning('d'))
    const born = fresh()
    const bornByApply = await call('PATCH', `${games}/${born}?fieldManager=t&dryRun=All`, { body: risky(born), type })
    expect(bornByApply.code).toBe(201)
    expect(bornByApply.headers.get('warning')).toBe(warning('engine:latest'))
  })

  it('is not warned of again when the spec stays as it is, nor when the status is written', async () => {
    const name = fresh()
    await call('POST', games, { body: risky(name) })
    const path = `${games}/${name}`
    expect((await merge(path, { metadata: { labels: { a: 'b' } } })).headers.get('warning')).toBeNull()
    expect((await merge(`${path}/status`, { status: { phase: 'Ready' } })).headers.get('warning')).toBeNull()
    expect((await merge(path, { spec: { displayName: 'Risky' } })).headers.get('warning')).not.toBeNull()
  })

  it('is warned of beside a refusal, too', async () => {
    const wrong = gameNamed(fresh(), { spec: { players, engine: { image: 'engine:latest', version: '~1.0' } } })
    const { code, headers } = await call('POST', games, { body: wrong })
    expect(code).toBe(422)
    expect(headers.get('warning')).toBe(warning('engine:latest'))
  })
})
