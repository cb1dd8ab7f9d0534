import { createConnectTransport } from '@connectrpc/connect-node'
import { describe, expect, it } from 'vitest'
import { openListener, procedure, run } from './fixtures.ts'

const listed = 'https://play.example.org'
const cors = { origins: [listed] }

async function ask(url: string, origin: string, method = 'POST') {
  const asks = method === 'OPTIONS' ? { 'access-control-request-method': 'POST' } : undefined
  const headers = { origin, 'content-type': 'application/json', ...asks }
  const answer = await fetch(url + procedure, { method, headers, ...(method === 'POST' && { body: '{}' }) })
  return { status: answer.status, headers: answer.headers, allowed: answer.headers.get('access-control-allow-origin') }
}

describe('a script of another origin', () => {
  it('may read the answer, and its trailers, when its origin is listed (abuse 9)', async () => {
    await using listener = await openListener({ cors })
    const { allowed, headers } = await ask(listener.url, listed)
    expect(allowed).toBe(listed)
    expect(headers.get('vary')).toBe('Origin')
    const exposed = headers.get('access-control-expose-headers')?.toLowerCase().split(', ')
    expect(exposed).toEqual(expect.arrayContaining(['grpc-status', 'grpc-message', 'grpc-status-details-bin']))
  })

  it('is told beforehand what it may send, and may keep that for a while (abuse 10)', async () => {
    await using listener = await openListener({ cors })
    const { status, allowed, headers } = await ask(listener.url, listed, 'OPTIONS')
    expect({ status, allowed }).toEqual({ status: 204, allowed: listed })
    expect(headers.get('access-control-allow-methods')).toContain('POST')
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('connect-timeout-ms')
    expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(0)
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })

  it.each(['https://evil.example', 'https://play.example.org.evil.example', 'http://play.example.org', 'null'])(
    'may read nothing from %s (abuse 10)',
    async (origin) => {
      await using listener = await openListener({ cors })
      for (const method of ['POST', 'OPTIONS']) {
        const { headers } = await ask(listener.url, origin, method)
        expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      }
    },
  )

  it('may come from anywhere but nowhere when that is the setting', async () => {
    await using listener = await openListener({ cors: { origins: ['*'] } })
    expect((await ask(listener.url, 'https://any.example')).allowed).toBe('https://any.example')
    expect((await ask(listener.url, 'null')).allowed).toBeNull()
  })

  it('is let in over HTTP/2 alike', async () => {
    await using listener = await openListener({ cors })
    const transport = createConnectTransport({ baseUrl: listener.url, httpVersion: '2' })
    let allowed: string | null = null
    const onHeader = (headers: Headers) => void (allowed = headers.get('access-control-allow-origin'))
    await run(transport, 'x', { headers: { origin: listed }, onHeader })
    expect(allowed).toBe(listed)
  })
})

describe('a listener without other origins', () => {
  it('has no answer to a preflight', async () => {
    await using listener = await openListener()
    const { status, allowed } = await ask(listener.url, listed, 'OPTIONS')
    expect({ status, allowed }).toEqual({ status: 405, allowed: null })
  })
})
