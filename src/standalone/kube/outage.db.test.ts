import { describe, expect, it, vi } from 'vitest'
import { type Proxy, startProxy } from './testing/proxy.ts'
import { gameNamed, games, startTestServer } from './testing/server.ts'

describe('while the database is away', () => {
  it('reads go on, writes are answered 503, and both work again when it is back', async () => {
    let proxy: Proxy | undefined
    await using server = await startTestServer({
      through: async (url) => {
        proxy = await startProxy(url)
        return proxy.url
      },
    })
    await using _proxy = proxy
    const create = (name: string) => server.call('POST', games, { body: gameNamed(name) })
    await create('before')
    const watch = await server.watch(`${games}?watch=true`)
    proxy?.cut()
    const refused = await create('during')
    expect(refused).toMatchObject({ code: 503, body: { kind: 'Status', reason: 'ServiceUnavailable' } })
    expect(refused.headers.get('retry-after')).toBe('1')
    expect((await server.call('GET', `${games}/before`)).code).toBe(200)
    expect((await server.call('GET', '/readyz', { token: '' })).code).toBe(503)
    proxy?.mend()
    await vi.waitFor(async () => expect((await create('after')).code).toBe(201), { timeout: 20_000, interval: 50 })
    await vi.waitFor(() => expect(watch.events.length).toBe(2), { timeout: 20_000, interval: 10 })
    expect(watch.events).toMatchObject([
      { object: { metadata: { name: 'before' } } },
      { object: { metadata: { name: 'after' } } },
    ])
    watch.stop()
  })

  it('a short interruption is only a delay', async () => {
    let proxy: Proxy | undefined
    await using server = await startTestServer({
      through: async (url) => {
        proxy = await startProxy(url)
        return proxy.url
      },
    })
    await using _proxy = proxy
    proxy?.cut()
    const creating = server.call('POST', games, { body: gameNamed('patient') })
    setTimeout(() => proxy?.mend(), 300)
    expect((await creating).code).toBe(201)
  })
})
