import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { ListenAddress } from '../../src/platform/settings.ts'

/**
 * An address that nobody listens on now, for what must keep it over a restart. Below the ports that the system gives out
 * by itself: another test's connection would take one of those before it is used.
 */
export async function freeAddress(): Promise<ListenAddress> {
  const address = { host: '127.0.0.1', port: randomInt(10_000, 19_000) }
  return (await canListen(address)) ? address : freeAddress()
}

async function canListen({ host, port }: ListenAddress): Promise<boolean> {
  const server = createServer().listen(port, host)
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
