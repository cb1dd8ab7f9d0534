import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseExactJson } from '../../platform/exact-json.ts'
import { valueAt } from './json-path.ts'
import { games, startTestServer, type TestServer } from './testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

let count = 0
const spec = (settings: string) => `{"engine":{"version":"~1.0"},"settings":${settings}}`
const gameText = (name: string, settings: string) =>
  `{"apiVersion":"galaxy.dev/v1","kind":"Game","metadata":{"name":"${name}"},"spec":${spec(settings)}}`

/** The settings as the server writes them: a client of JavaScript would round them. */
async function settingsOf(name: string): Promise<string> {
  const { settings } = await read(name)
  return JSON.stringify(settings)
}

async function read(name: string): Promise<{ settings: unknown }> {
  const response = await fetch(`${server.url()}${games}/${name}`, { headers: { authorization: 'Bearer test' } })
  return { settings: valueAt(parseExactJson(await response.text()), ['spec', 'settings']) }
}

const exact = '{"big":9007199254740993,"list":[1764547200123456789,-9223372036854775808],"small":0.1}'

type Way = { way: string; send: (name: string, settings: string) => ReturnType<TestServer['call']> }

const ways: Way[] = [
  { way: 'create', send: (name, settings) => server.call('POST', games, { body: gameText(name, settings) }) },
  {
    way: 'create in YAML',
    send: (name, settings) =>
      server.call('POST', games, {
        type: 'application/yaml',
        body: `apiVersion: galaxy.dev/v1\nkind: Game\nmetadata:\n  name: ${name}\nspec: ${spec(settings)}\n`,
      }),
  },
  {
    way: 'server-side apply',
    send: (name, settings) =>
      server.call('PATCH', `${games}/${name}?fieldManager=test`, {
        type: 'application/apply-patch+yaml',
        body: gameText(name, settings),
      }),
  },
  {
    way: 'a merge patch',
    send: (name, settings) => patched(name, 'merge', `{"spec":{"settings":${settings}}}`),
  },
  {
    way: 'a JSON patch',
    send: (name, settings) => patched(name, 'json', `[{"op":"add","path":"/spec/settings","value":${settings}}]`),
  },
  {
    way: 'an update',
    send: async (name, settings) => {
      const made = await server.call('POST', games, { body: gameText(name, '{}') })
      const version = String(valueAt(made.body, ['metadata', 'resourceVersion']))
      const body = gameText(name, settings).replace('"metadata":{', `"metadata":{"resourceVersion":"${version}",`)
      return server.call('PUT', `${games}/${name}`, { body })
    },
  },
]

async function patched(name: string, kind: 'merge' | 'json', body: string) {
  await server.call('POST', games, { body: gameText(name, '{}') })
  return server.call('PATCH', `${games}/${name}`, { type: `application/${kind}-patch+json`, body })
}

describe.each(ways)('a number that JavaScript would change, by $way', ({ send }) => {
  it('is stored as it is written when it is a 64-bit integer', async () => {
    const name = `number-${(count += 1)}`
    expect((await send(name, exact)).code).toBeLessThan(300)
    expect(await settingsOf(name)).toBe(exact)
    await server.restart()
    expect(await settingsOf(name)).toBe(exact)
  })

  it.each(['123456789012345678901234567890', '9223372036854775808', '1e400', '3.14159265358979323846'])(
    'is refused with the name of its field when some reader would round it: %s',
    async (number) => {
      const name = `number-${(count += 1)}`
      const { code, body } = await send(name, `{"map":[{"id":${number}}]}`)
      const causes = valueAt(body, ['details', 'causes'])
      // YAML has no number that large: kubectl takes it for a text, and so do we.
      if (code < 300) expect(await settingsOf(name)).toBe('{"map":[{"id":"1e400"}]}')
      else expect({ code, causes }).toMatchObject({ code: 422, causes: [{ field: 'spec.settings.map[0].id' }] })
    },
  )
})

describe('a number of the settings', () => {
  it('is sent to watchers with all of its digits', async () => {
    const name = `number-${(count += 1)}`
    const query = `watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3D${name}`
    await server.call('POST', games, { body: gameText(name, exact) })
    const response = await fetch(`${server.url()}${games}?${query}`, { headers: { authorization: 'Bearer test' } })
    expect(await response.text()).toContain(`"settings":${exact}`)
  })

  it('makes another generation when only its last digit changes, and none when nothing does', async () => {
    const name = `number-${(count += 1)}`
    await server.call('POST', games, { body: gameText(name, exact) })
    const change = async (settings: string) => {
      const type = 'application/merge-patch+json'
      const reply = await server.call('PATCH', `${games}/${name}`, { type, body: `{"spec":{"settings":${settings}}}` })
      return valueAt(reply.body, ['metadata', 'generation'])
    }
    expect(await change(exact)).toBe(1)
    expect(await change(exact.replace('0993', '0995'))).toBe(2)
  })

  it('is refused where kubectl has rounded it already', async () => {
    const name = `number-${(count += 1)}`
    const { code, body } = await server.call('POST', games, { body: gameText(name, '{"id":1.2345678901234568e+29}') })
    expect(code).toBe(422)
    expect(valueAt(body, ['details', 'causes'])).toMatchObject([{ field: 'spec.settings.id' }])
    expect((await server.call('POST', games, { body: gameText(name, '{"mass":5.97e24}') })).code).toBe(201)
  })

  it('may be a quantity beyond 2^53', async () => {
    const name = `number-${(count += 1)}`
    const engine = '{"version":"~1.0","resources":{"limits":{"memory":9007199254740993}}}'
    const body = gameText(name, '{}').replace('{"version":"~1.0"}', engine)
    expect((await server.call('POST', games, { body })).code).toBe(201)
  })
})

describe('a field that is there twice', () => {
  const twice = (settings = '{"a":1,"b":{"c":1,"\\u0063":2},"list":[{"x":1},{"x":1,"x":2}]}') =>
    gameText(`twice-${(count += 1)}`, settings).replace('"version":"~1.0"', '"version":"~1.0","version":"~2.0"')
  const fields = ['spec.engine.version', 'spec.settings.b.c', 'spec.settings.list[1].x']

  it('is refused by strict validation, by name, however deep it is and however it is written', async () => {
    const { code, body } = await server.call('POST', `${games}?fieldValidation=Strict`, { body: twice() })
    expect(code).toBe(400)
    expect(body['message']).toBe(
      `Game in version "v1" cannot be handled as a Game: strict decoding error: ${fields.map((field) => `duplicate field "${field}"`).join(', ')}`,
    )
  })

  it('is warned of without it, and the last one counts', async () => {
    const { code, body, headers } = await server.call('POST', games, { body: twice() })
    expect(code).toBe(201)
    for (const field of fields) expect(headers.get('warning')).toContain(`duplicate field \\"${field}\\"`)
    expect(valueAt(body, ['spec', 'engine', 'version'])).toBe('~2.0')
  })

  it('is passed over when nothing is to be validated', async () => {
    const { code, headers } = await server.call('POST', `${games}?fieldValidation=Ignore`, { body: twice() })
    expect([code, headers.get('warning') ?? '']).toEqual([201, expect.not.stringContaining('duplicate')])
  })

  it.each([
    {
      kind: 'merge',
      body: '{"spec":{"displayName":"a","displayName":"b"}}',
      said: 'duplicate field "spec.displayName"',
    },
    {
      kind: 'json',
      body: '[{"op":"add","path":"/spec/displayName","value":"a","value":"b"}]',
      said: 'json patch duplicate field "[0].value"',
    },
  ])('is refused in a $kind patch', async ({ kind, body, said }) => {
    const name = `twice-${(count += 1)}`
    await server.call('POST', games, { body: gameText(name, '{}') })
    const type = `application/${kind}-patch+json`
    const reply = await server.call('PATCH', `${games}/${name}?fieldValidation=Strict`, { type, body })
    expect(reply).toMatchObject({ code: 422, body: { message: expect.stringContaining(said) } })
    expect((await server.call('PATCH', `${games}/${name}`, { type, body })).headers.get('warning')).toContain(
      'duplicate',
    )
  })

  it('is refused in an apply patch, with its line', async () => {
    const body =
      'apiVersion: galaxy.dev/v1\nkind: Game\nspec:\n  engine: { version: "1" }\n  displayName: a\n  displayName: b\n'
    const apply = (validation: string) =>
      server.call('PATCH', `${games}/twice-applied?fieldManager=x&fieldValidation=${validation}`, {
        type: 'application/apply-patch+yaml',
        body,
      })
    expect(await apply('Strict')).toMatchObject({
      code: 400,
      body: {
        message:
          'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key "displayName" already set in map',
      },
    })
    expect(await apply('Ignore')).toMatchObject({ code: 201, body: { spec: { displayName: 'b' } } })
  })
})

describe('a hostile body', () => {
  const yaml = (body: string) => server.call('POST', games, { body, type: 'application/yaml' })

  it('cannot grow without measure by its aliases', async () => {
    const levels = Array.from({ length: 12 }, (_, index) => {
      const items = index === 0 ? Array(10).fill('x') : Array(10).fill(`*l${index - 1}`)
      return `l${index}: &l${index} [${items.join(',')}]\n`
    })
    const started = performance.now()
    expect(await yaml(levels.join(''))).toMatchObject({
      code: 400,
      body: { message: expect.stringContaining('excessive aliasing') },
    })
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  it.each([
    ['lists nested without end', `a: ${'['.repeat(100_000)}`],
    ['a number of a million digits', `{"a":${'1'.repeat(1_000_000)}}`],
    ['two documents', 'a: 1\n---\nb: 2\n'],
  ])('is refused, and the server goes on: %s', async (_what, body) => {
    const refused = await yaml(body)
    expect([400, 422]).toContain(refused.code)
    expect(JSON.stringify(refused.body).length).toBeLessThan(2000)
    expect((await server.call('GET', games)).code).toBe(200)
  })
})
