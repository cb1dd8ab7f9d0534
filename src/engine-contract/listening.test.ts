import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { isListening } from './listening.ts'

async function aListener(host: string) {
  const server = createServer((socket) => socket.on('error', () => undefined))
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { port, close: () => new Promise((resolve) => server.close(resolve)) }
}

describe('an address', () => {
  it.each(['127.0.0.1', '::1'])('where somebody accepts connections is listened at (%s)', async (host) => {
    const { port, close } = await aListener(host)
    const named = host.includes(':') ? `[${host}]` : host
    expect(await isListening(`http://${named}:${port}`, 20_000)).toBe(true)
    await close()
    expect(await isListening(`http://${named}:${port}`, 20_000)).toBe(false)
  })

  it('that nobody has is not', async () => {
    expect(await isListening('http://no-such-host.invalid:8080', 20_000)).toBe(false)
  })
})
