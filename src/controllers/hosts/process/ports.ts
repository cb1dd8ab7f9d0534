import { createServer } from 'node:net'
import { HostError } from '../port.ts'

export type PortRange = { from: number; to: number }

/** Below the range that systems hand out by themselves, so that a recorded port is not taken while its engine is away. */
export const defaultPortRange: PortRange = { from: 20_000, to: 32_767 }

/** Picks ports that nobody listens on and that are not promised to another engine. */
export type PortPicker = ReturnType<typeof createPortPicker>

export function createPortPicker({ from, to }: PortRange) {
  let next = from + Math.floor(Math.random() * (to - from + 1))
  const promised = new Set<number>()

  return { pick, release: (port: number) => promised.delete(port), promise: (port: number) => promised.add(port) }

  async function pick(): Promise<number> {
    for (let tried = 0; tried <= to - from; tried += 1) {
      const port = next
      next = next >= to ? from : next + 1
      if (promised.has(port)) continue
      promised.add(port)
      if (await isFree(port)) return port
      promised.delete(port)
    }
    throw new HostError('StartFailed', `no port from ${from} to ${to} is free`)
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
