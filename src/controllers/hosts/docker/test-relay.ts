import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** Stands between a host and the real daemon, which others use: taken away, to the host the daemon is away. */
export type Relay = AsyncDisposable & {
  socket: string
  takeAway: () => Promise<void>
  bringBack: () => Promise<void>
  /** Lets all that comes and goes wait for so long; 0 is the daemon's own pace. */
  slowDown: (ms: number) => void
  /** Takes whoever comes, and lets nothing through until told to go on. */
  hang: () => { goOn: () => void }
}

/** Passes on what comes to the socket `at` to the socket `to`. */
export async function openRelay(at: string, to: string): Promise<Relay> {
  const open = new Set<Socket>()
  let server: Server | undefined
  let slowMs = 0
  let hanging = Promise.resolve()
  await bringBack()
  return { socket: at, takeAway, bringBack, slowDown, hang, [Symbol.asyncDispose]: takeAway }

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
      one.pipe(gate()).pipe(other)
      one
        .on('error', () => undefined)
        .on('close', () => {
          open.delete(one)
          other.destroy()
        })
    }
  }

  function gate(): Transform {
    return new Transform({
      transform: (bytes, _encoding, done) => {
        void hanging.then(() => delay(slowMs)).then(() => done(null, bytes))
      },
    })
  }

  function slowDown(ms: number): void {
    slowMs = ms
  }

  function hang(): { goOn: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    hanging = promise
    return { goOn: resolve }
  }

  async function takeAway(): Promise<void> {
    const closing = server
    server = undefined
    for (const socket of open) socket.destroy()
    if (closing) await new Promise((done) => closing.close(done))
    await rm(at, { force: true })
  }
}
