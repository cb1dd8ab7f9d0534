import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { fakeConfig } from '../../src/platform/kubernetes/fake-api.ts'
import { silentLog } from '../../src/platform/log.ts'
import { customKinds } from '../../src/resources/index.ts'
import { startResourceServer } from '../../src/standalone/kube/index.ts'
import { createTestDatabase } from '../support/database.ts'

/** A resource server of this test's own, which can be stopped and started again at its address. */
export async function startServer() {
  const database = await createTestDatabase()
  onTestFinished(() => database[Symbol.asyncDispose]())
  const start = (port: number) =>
    startResourceServer({
      databaseUrl: database.url,
      listen: { host: '127.0.0.1', port },
      tokens: [{ token: 'secret', user: 'test', groups: ['system:masters'] }],
      kinds: customKinds,
      log: silentLog,
    })
  let server: Awaited<ReturnType<typeof start>> | undefined = await start(0)
  const { url } = server
  const stop = async () => {
    await server?.[Symbol.asyncDispose]()
    server = undefined
  }
  onTestFinished(stop)
  return {
    url,
    config: await fakeConfig(url),
    stop,
    start: async () => {
      server = await start(Number(new URL(url).port))
    },
  }
}

/** A network path to the server that can be cut: bytes sent then go nowhere, and nobody is told. */
export async function startCable(url: string) {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let cut = false
  const cable = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => void (cut || to.write(bytes)))
      from.on('error', () => to.destroy())
      from.on('close', () => void (cut || to.destroy()))
    }
  })
  cable.listen(0, '127.0.0.1')
  await once(cable, 'listening')
  onTestFinished(() => {
    sockets.forEach((socket) => socket.destroy())
    cable.close()
  })
  return {
    config: await fakeConfig(`http://127.0.0.1:${portOf(cable.address())}`),
    cut: () => {
      cut = true
    },
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address ? address.port : 0
}
