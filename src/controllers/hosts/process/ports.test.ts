import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createPortPicker } from './ports.ts'

describe('ports for engines', () => {
  it('are each given once, until they run out, and again when released', async () => {
    // Above what is handed out elsewhere in these tests, below where systems begin by themselves.
    const ports = createPortPicker({ from: 19_001, to: 19_040 })
    const free: number[] = []
    for (;;) {
      const port = await ports.pick().catch(() => undefined)
      if (port === undefined) break
      free.push(port)
    }
    expect(new Set(free).size).toBe(free.length)
    await expect(ports.pick()).rejects.toMatchObject({ name: 'HostError', failure: 'StartFailed' })
    ports.release(free[0] ?? 0)
    expect(await ports.pick()).toBe(free[0])
  })

  it('are not those that somebody listens on or that a record holds', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await expect(createPortPicker({ from: port, to: port }).pick()).rejects.toThrow('is free')
    server.close()
    await once(server, 'close')
    const ports = createPortPicker({ from: port, to: port })
    ports.promise(port)
    await expect(ports.pick()).rejects.toThrow('is free')
  })
})
