import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { valueAt } from './json-path.ts'
import { gameNamed, games, startTestServer, type TestServer } from './testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const make = (path: string, body: object) => server.call('POST', path, { body })
const namespaces = '/api/v1/namespaces'

describe('the name of a Namespace', () => {
  it.each([
    { name: 'a.b', said: 'a lowercase RFC 1123 label must consist of' },
    { name: 'A', said: 'a lowercase RFC 1123 label must consist of' },
    { name: 'a_b', said: 'a lowercase RFC 1123 label must consist of' },
    { name: '-a', said: 'a lowercase RFC 1123 label must consist of' },
    { name: 'a'.repeat(64), said: 'must be no more than 63 bytes' },
    { name: 'a'.repeat(300), said: 'must be no more than 63 bytes' },
  ])('is a label of up to 63 characters: $name is refused', async ({ name, said }) => {
    const { code, body } = await make(namespaces, { metadata: { name } })
    expect(code).toBe(422)
    expect(valueAt(body, ['details', 'causes'])).toEqual([
      { reason: 'FieldValueInvalid', field: 'metadata.name', message: expect.stringContaining(said) },
    ])
  })

  it('may have 63 characters', async () => {
    expect(await make(namespaces, { metadata: { name: 'a'.repeat(63) } })).toMatchObject({
      code: 201,
      body: { metadata: { labels: { 'kubernetes.io/metadata.name': 'a'.repeat(63) } } },
    })
  })

  it('is checked where it is generated, too', async () => {
    const { body } = await make(namespaces, { metadata: { generateName: 'a.b-' } })
    expect(valueAt(body, ['details', 'causes'])).toContainEqual(
      expect.objectContaining({ field: 'metadata.generateName' }),
    )
    expect((await make(namespaces, { metadata: { generateName: 'season-' } })).body).toMatchObject({
      metadata: { name: expect.stringMatching(/^season-[a-z0-9]{5}$/) },
    })
  })
})

describe('the name of a Game', () => {
  it.each(['A', 'a_b', 'a..b', '.a', 'a'.repeat(254)])('is no longer or other than a subdomain: %s', async (name) => {
    const { code, body } = await make(games, gameNamed(name))
    expect(code).toBe(422)
    expect(valueAt(body, ['details', 'causes'])).toMatchObject([{ field: 'metadata.name' }])
  })

  it('is needed', async () => {
    expect(await make(games, gameNamed(''))).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: 'metadata.name', reason: 'FieldValueRequired' }] } },
    })
  })

  it.each(['a.b', '1', 'a'.repeat(253)])(
    'may have dots, begin with a digit and have 253 characters: %s',
    async (name) => {
      expect((await make(games, gameNamed(name))).code).toBe(201)
    },
  )
})
