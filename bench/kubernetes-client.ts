import { CustomObjectsApi, KubeConfig } from '@kubernetes/client-node'
import { Agent } from 'undici'
import { createResourceClient, type ResourceClient } from '../src/platform/kubernetes/client.ts'
import { createInformer } from '../src/platform/kubernetes/informer.ts'
import { silentLog } from '../src/platform/log.ts'
import { type Game, gameKind } from '../src/resources/index.ts'
import { type Cluster, gamesPath, inParallel, openCluster } from './cluster.ts'
import { median, percentile, report } from './figures.ts'

const rounds = 3
/** Creates in a round, by how many are under way at once. */
const loads = [
  { concurrency: 1, creates: 100 },
  { concurrency: 16, creates: 400 },
  { concurrency: 64, creates: 800 },
]
const watched = 300

type Create = (name: string) => Promise<unknown>

/** Our client beside the library that it stands on, and beside HTTP without any Kubernetes in it. */
export async function benchKubernetesClient(kubeconfig: string): Promise<void> {
  await using cluster = await openCluster(kubeconfig)
  await using raw = rawClient(cluster)
  const ours = createResourceClient(cluster.config, gameKind)
  const { namespace } = cluster
  const clients: Record<string, Create> = {
    '@kubernetes/client-node as it comes': stockClient(cluster),
    'bare undici': raw.create,
    ours: (name) => ours.create(game(name), { namespace, fieldManager: 'bench' }),
  }
  for (const load of loads) await compare(clients, load)
  await eventLatency(cluster, ours)
}

async function compare(clients: Readonly<Record<string, Create>>, { concurrency, creates }: (typeof loads)[number]) {
  const rates: Record<string, number[]> = {}
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, [client, create]] of Object.entries(clients).entries()) {
      const names = Array.from({ length: creates }, (_, at) => `c${concurrency}-${round}-${index}-${at}`)
      const startedAt = performance.now()
      await inParallel(names, concurrency, create)
      const perSecond = creates / ((performance.now() - startedAt) / 1000)
      // The first round warms all of them up.
      if (round > 0) (rates[client] ??= []).push(perSecond)
    }
  }
  console.log(`Games created per second, ${creates} at ${concurrency} concurrent, median of ${rounds}`)
  for (const [client, each] of Object.entries(rates)) report(client, median(each).toFixed(0))
  const ratio = median(rates['ours'] ?? []) / median(rates['bare undici'] ?? [])
  report('ratio (ours / bare undici)', ratio.toFixed(2), { text: '>= 0.8', met: ratio >= 0.8 })
}

function stockClient({ kubeconfig, namespace }: Cluster): Create {
  const api = libraryConfig(kubeconfig).makeApiClient(CustomObjectsApi)
  const { group, version, plural } = gameKind
  return (name) => api.createNamespacedCustomObject({ group, version, namespace, plural, body: game(name) })
}

function libraryConfig(kubeconfig: string): KubeConfig {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return config
}

function rawClient({ kubeconfig, namespace }: Cluster) {
  const config = libraryConfig(kubeconfig)
  const { caData, server: origin = '', skipTLSVerify = false } = config.getCurrentCluster() ?? {}
  const tls = { rejectUnauthorized: !skipTLSVerify, ...(caData && { ca: Buffer.from(caData, 'base64') }) }
  const agent = new Agent({ connections: 64, connect: tls })
  const headers = {
    authorization: `Bearer ${config.getCurrentUser()?.token ?? ''}`,
    'content-type': 'application/json',
    accept: 'application/json',
  }
  return {
    create: async (name: string) => {
      const body = JSON.stringify(game(name))
      const answer = await agent.request({ origin, path: gamesPath(namespace), method: 'POST', headers, body })
      const text = await answer.body.text()
      if (answer.statusCode !== 201) throw new Error(`create answered ${answer.statusCode}: ${text.slice(0, 300)}`)
      return JSON.parse(text) as unknown
    },
    [Symbol.asyncDispose]: () => agent.close(),
  }
}

async function eventLatency({ config, namespace }: Cluster, client: ResourceClient<Game>) {
  const heard = new Map<string, () => void>()
  const onChange = ({ name }: { name: string }) => heard.get(name)?.()
  await using informer = createInformer({ config, kind: gameKind, namespace, onChange, log: silentLog })
  informer.start()
  await informer.synced()
  const latencies: number[] = []
  for (let index = 0; index < watched; index += 1) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const name = `watched-${index}`
    heard.set(name, resolve)
    const sentAt = performance.now()
    await client.create(game(name), { namespace, fieldManager: 'bench' })
    await promise
    latencies.push(performance.now() - sentAt)
  }
  console.log(`from sending a create to its event at an informer, ${watched} creates one by one`)
  report('p50', `${median(latencies).toFixed(1)} ms`)
  report('p99', `${percentile(latencies, 0.99).toFixed(1)} ms`)
}

function game(name: string) {
  const players = ['Terrans', 'Zerks'].map((raceName, index) => ({ userId: `u${index}`, raceName }))
  const spec = { engine: { version: '~1.0' }, players, settings: { seed: 1 } }
  return { apiVersion: 'galaxy.dev/v1', kind: 'Game', metadata: { name }, spec }
}
