import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createInformer } from '../src/platform/kubernetes/informer.ts'
import { silentLog } from '../src/platform/log.ts'
import { gameKind } from '../src/resources/index.ts'
import { type Cluster, gamesPath, openCluster } from './cluster.ts'
import { type Controller, startController } from './controller.ts'
import { startEmbeddedServer } from './embedded-server.ts'
import { median, percentile, report } from './figures.ts'
import { createHibernatedGames, merge, releaseGames } from './hibernated-fleet.ts'

const games = 10_000
const changes = 300
const idleMs = 60_000
const reconciled = 'controller_runtime_reconcile_total{controller="game",result="'

/** The same over the API that `galaxy up` serves, where engines are processes. */
export async function benchHibernatedGamesEmbedded(): Promise<void> {
  await using server = await startEmbeddedServer()
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-bench-engines-'))
  try {
    const process = { CONTROLLER_RUNTIME: 'process', CONTROLLER_ALLOW_PROCESS_RUNTIME: 'true' }
    await benchHibernatedGames(server.kubeconfig, { ...process, CONTROLLER_ENGINE_DIR: dir })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** What ten thousand Games cost a controller that has nothing to do, and how soon it sees that one has changed. */
export async function benchHibernatedGames(
  kubeconfig: string,
  runtime: Readonly<Record<string, string>>,
): Promise<void> {
  await using cluster = await openCluster(kubeconfig)
  const names = Array.from({ length: games }, (_, index) => `game-${index}`)
  try {
    await createHibernatedGames(cluster, names)
    await measure(cluster, { names, runtime })
  } finally {
    await releaseGames(cluster, names)
  }
}

type Fleet = { names: readonly string[]; runtime: Readonly<Record<string, string>> }

async function measure(cluster: Cluster, { names, runtime }: Fleet): Promise<void> {
  const { kubeconfig, namespace } = cluster
  console.log(`a controller of ${names.length} hibernated Games`)
  const settings = { CONTROLLER_KUBECONFIG: kubeconfig, CONTROLLER_LEASE_NAMESPACE: namespace, ...runtime }
  await fillCompileCache(settings)
  const startedAt = performance.now()
  await using controller = await startController(settings)
  while ((await passes(controller)) < names.length) await delay(100)
  const coldMs = performance.now() - startedAt
  report('cold start to every Game reconciled once', `${(coldMs / 1000).toFixed(1)} s`, {
    text: '< 10 s',
    met: coldMs < 10_000,
  })
  await idle(controller)
  await oneChanged(cluster, names.slice(0, changes))
  const { rssMb } = await controller.usage()
  report('memory after the changes', `${rssMb.toFixed(0)} MB`)
}

/** The image is built with its modules compiled; here, a first process leaves them for the one that is measured. */
async function fillCompileCache(settings: Readonly<Record<string, string>>): Promise<void> {
  await using controller = await startController(settings)
  while ((await passes(controller)) === 0) await delay(100)
}

/** Passes that ended well: one for each Game when it has caught up. */
async function passes(controller: Controller): Promise<number> {
  const results = await Promise.all(
    ['success', 'requeue_after'].map((each) => controller.metric(`${reconciled}${each}`)),
  )
  return results.reduce((sum, each) => sum + each, 0)
}

/** One minute with nothing to do but what comes round: the lease, the resync, and a scrape of the metrics each 15 s. */
async function idle(controller: Controller): Promise<void> {
  // What the start has left behind is not what is measured.
  await delay(5000)
  const [before, passesBefore] = [await controller.usage(), await passes(controller)]
  const startedAt = performance.now()
  for (let scrapes = 0; scrapes < 4; scrapes += 1) {
    await delay(idleMs / 4)
    await passes(controller)
  }
  const after = await controller.usage()
  const share = ((after.cpuMs - before.cpuMs) / (performance.now() - startedAt)) * 100
  const looked = (await passes(controller)) - passesBefore
  report('memory (RSS)', `${after.rssMb.toFixed(0)} MB`, { text: '< 250 MB', met: after.rssMb < 250 })
  report(`processor, ${idleMs / 1000} s idle (${looked} Games looked at again)`, `${share.toFixed(1)} %`, {
    text: '< 5 %',
    met: share < 5,
  })
}

/** From sending one change until a watcher sees that the controller has acted on it. */
async function oneChanged({ config, namespace }: Cluster, names: readonly string[]): Promise<void> {
  const seen = new Map<string, () => void>()
  await using informer = createInformer({
    config,
    kind: gameKind,
    namespace,
    onChange: ({ name }, { after }) => {
      if (after && after.status.observedGeneration === after.metadata.generation && after.metadata.generation > 1)
        seen.get(name)?.()
    },
    log: silentLog,
  })
  informer.start()
  await informer.synced()
  const latencies: number[] = []
  for (const name of names) {
    const { promise, resolve } = Promise.withResolvers<void>()
    seen.set(name, resolve)
    const sentAt = performance.now()
    // A change that needs no engine: how fast one starts is another question.
    await merge(config, `${gamesPath(namespace)}/${name}`, { spec: { runState: 'Stopped' } })
    await promise
    latencies.push(performance.now() - sentAt)
  }
  const p99 = percentile(latencies, 0.99)
  report(
    `one changed Game to observedGeneration = generation, ${names.length} one by one, p50`,
    `${median(latencies).toFixed(1)} ms`,
  )
  report('the same, p99', `${p99.toFixed(1)} ms`, { text: '< 100 ms', met: p99 < 100 })
}
