import { afterAll, beforeAll } from 'vitest'
import { silentLog } from '../../../platform/log.ts'
import { hostContract, type HostUnderTest } from '../contract.ts'
import type { EngineInstance } from '../port.ts'
import { createDockerHost } from './host.ts'
import { openTestDaemon, type TestDaemon, testImages, testInstance } from './test-daemon.ts'

const network = 'galaxy-e2e-engines'
let daemon: TestDaemon

beforeAll(async () => {
  daemon = await openTestDaemon()
  await daemon.docker.createNetwork({ Name: network, CheckDuplicate: true }).catch(() => undefined)
})
afterAll(async () => {
  await daemon.docker.getNetwork(network).remove()
})

hostContract('Docker', () => under(undefined))
hostContract('Docker (on a network of its own)', () => under(network))

async function under(on: string | undefined): Promise<HostUnderTest> {
  const reopen = () => createDockerHost({ socket: daemon.socket, network: on, instance: testInstance, log: silentLog })
  const host = await reopen()
  return {
    host,
    reopen,
    images: testImages,
    readState: daemon.readState,
    get: async (instance, path) => (await fetch(`${await reachable(instance)}${path}`)).status,
    kill: daemon.kill,
    dispose: async () => {
      await host[Symbol.asyncDispose]()
      await daemon.clear()
    },
  }
}

/** Names are known on the container's network only; there is no resolver for them where the tests run. */
async function reachable({ endpoint = '' }: EngineInstance): Promise<string> {
  const url = new URL(endpoint)
  if (url.hostname === '127.0.0.1') return endpoint
  const { NetworkSettings } = await daemon.docker.getContainer(url.hostname).inspect()
  const address = NetworkSettings.Networks[network]?.IPAddress ?? ''
  return `http://${address}:${url.port}`
}
