import { describe, expect, it } from 'vitest'
import { originRefusal } from './origin.ts'

const url = 'https://play.example.org'
const page = { origin: 'https://game.example.com' }
const answering =
  (...modes: string[]) =>
  async (_url: string, { mode }: { mode: string }) => {
    if (!modes.includes(mode)) throw new TypeError('Failed to fetch')
  }

describe('a request that a browser has failed', () => {
  it('was refused for its origin when the server answers what the page may not read', async () => {
    const refusal = await originRefusal(url, 'cause', { page, probe: answering('no-cors') })
    expect(refusal).toMatchObject({ code: 'origin_refused', cause: 'cause' })
    expect(refusal?.message).toBe(
      'the gateway at https://play.example.org answers, but not to pages of https://game.example.com: its operator lets them in with GATEWAY_CORS_ALLOWED_ORIGINS',
    )
  })

  it.each([
    { what: 'the server is away', page, probe: answering() },
    { what: 'the server is back and readable', page, probe: answering('cors', 'no-cors') },
    { what: 'there is no page', page: undefined, probe: answering('no-cors') },
    { what: 'the page has no origin', page: { origin: 'null' }, probe: answering('no-cors') },
  ])('was not refused for its origin when $what', async ({ page: at, probe }) => {
    expect(await originRefusal(url, undefined, { page: at ?? null, probe })).toBeUndefined()
  })
})
