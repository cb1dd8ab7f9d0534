import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between a host and the real daemon, which others use: taken away, to the host the daemon is away. */
export type Relay = AsyncDisposable & { socket: string; takeAway: () => Promise<void>; bringBack: () => Promise<void> }

/** Passes on what comes to the socket `at` to the socket `to`. */
export async function openRelay(at: string, to: string): Promise<Relay> {
  const open = new Set<Socket>()
  let server: Server | undefined
  await bringBack()
  return { socket: at, takeAway, bringBack, [Symbol.asyncDispose]: takeAway }

  async function bringBack(): Promise<void> {
    server = createServer(passOn).listen(at)
    await once(server, 'listening')
  }

  function passOn(from: Socket): void {
    const daemon = connect(to)
    for (const [one, other] of [
      [from, daemon],
      [daemon, from],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one
        .on('error', () => undefined)
        .on('close', () => {
          open.delete(one)
          other.destroy()
        })
    }
  }

  async function takeAway(): Promise<void> {
    const closing = server
    server = undefined
    for (const socket of open) socket.destroy()
    if (closing) await new Promise((done) => closing.close(done))
    await rm(at, { force: true })
  }
}
