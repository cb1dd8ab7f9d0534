import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a server of this machine, through which as much comes as a test lets. */
export type Narrows = AsyncDisposable & {
  port: number
  /** Lets so many bytes more through from the server, and then holds back the rest. */
  hold: (afterBytes: number) => void
  /** Lets everything through again; what was held back breaks off. */
  release: () => void
  /** Breaks off everything, and takes nobody any more. */
  die: () => Promise<void>
}

export async function openNarrows(to: number): Promise<Narrows> {
  const open = new Set<Socket>()
  const held = new Set<Socket>()
  let left = Infinity
  const server = createServer((from) => {
    const far = connect(to, '127.0.0.1')
    for (const socket of [from, far]) {
      open.add(socket)
      socket.on('error', () => undefined).on('close', () => (open.delete(socket), from.destroy(), far.destroy()))
    }
    from.pipe(far)
    far.on('data', (bytes) => {
      left -= bytes.length
      from.write(bytes)
      if (left > 0) return
      far.pause()
      held.add(far)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { port, hold, release, die, [Symbol.asyncDispose]: die }

  function hold(afterBytes: number): void {
    left = afterBytes
  }

  function release(): void {
    left = Infinity
    for (const socket of held) socket.destroy()
    held.clear()
  }

  async function die(): Promise<void> {
    const closed = server.listening ? new Promise((done) => server.close(done)) : undefined
    for (const socket of open) socket.destroy()
    await closed
  }
}
