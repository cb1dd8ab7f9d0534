import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { readControllerSettings } from '../src/controllers/index.ts'
import { createWorkload } from '../src/controllers/workload.ts'
import { systemClock } from '../src/platform/clock.ts'
import { createResourceClient, type KubeConfig, loadKubeConfig } from '../src/platform/kubernetes/client.ts'
import { isTrue } from '../src/platform/kubernetes/conditions.ts'
import { createInformer, type Informer } from '../src/platform/kubernetes/informer.ts'
import { silentLog } from '../src/platform/log.ts'
import { createMetrics } from '../src/platform/metrics.ts'
import { noTracer } from '../src/platform/telemetry/index.ts'
import { engineVersionKind, type Game, gameKind } from '../src/resources/index.ts'
import { startServer } from './child.ts'
import { inParallel } from './cluster.ts'
import { startEmbeddedServer } from './embedded-server.ts'
import { createEngineHost } from './engine-host.ts'
import { median, percentile, report } from './figures.ts'

const games = 2000
const namespace = 'default'
const fieldManager = 'bench'
const minuteMs = 60_000
const Turns = z.object({
  done: z.array(z.object({ game: z.string(), turn: z.int(), atMs: z.number() })),
  mostAtOnce: z.int(),
})

/** The turns of two thousand Games, all due in the same second: how late they are, and what it costs everybody else. */
export async function benchTurnsOnTime(): Promise<void> {
  await using server = await startEmbeddedServer()
  await using engines = await startServer('engines', [])
  const config = loadKubeConfig({ path: server.kubeconfig })
  await using informer = createInformer({ config, kind: gameKind, onChange: () => undefined, log: silentLog })
  informer.start()
  await informer.synced()
  await using _controller = await startWork(config, engines.url)
  await measure({ config, informer, engines: engines.url })
}

type Parts = { config: KubeConfig; informer: Informer<Game>; engines: string }

async function measure({ config, informer, engines }: Parts): Promise<void> {
  const client = createResourceClient(config, gameKind)
  const spec = { version: '1.0.0', image: 'bench' }
  await createResourceClient(config, engineVersionKind).create(
    { metadata: { name: 'one' }, spec },
    { namespace, fieldManager },
  )
  const names = Array.from({ length: games }, (_, index) => `game-${index}`)
  await inParallel(names, 32, (name) => client.create(manifest(name), { namespace, fieldManager }))
  await until(() => names.every((name) => isReady(informer, name)))
  const dueMs = Math.ceil((Date.now() + 2000) / minuteMs) * minuteMs
  await delay(dueMs + 100 - Date.now())
  const createdAt = performance.now()
  await client.create(manifest('latecomer'), { namespace, fieldManager })
  await until(() => isReady(informer, 'latecomer'))
  const readyMs = performance.now() - createdAt
  const lateMs = await lateness(engines, dueMs)
  const { mostAtOnce } = await turnsOf(engines)
  console.log(`${games} turns due in the same second, each of them 20 ms of work`)
  report('lateness p50', `${(median(lateMs) / 1000).toFixed(1)} s`)
  report('lateness p99', `${(percentile(lateMs, 0.99) / 1000).toFixed(1)} s`)
  report('turns per second', (games / (percentile(lateMs, 1) / 1000)).toFixed(0))
  report('turns generated at once', String(mostAtOnce), { text: '<= 8, as is set', met: mostAtOnce <= 8 })
  report('a Game created meanwhile to Ready', `${readyMs.toFixed(0)} ms`, { text: '< 1 s', met: readyMs < 1000 })
}

/** Of each game's first turn that was done after the moment. */
async function lateness(engines: string, dueMs: number): Promise<number[]> {
  for (;;) {
    const first = new Map<string, number>()
    const { done } = await turnsOf(engines)
    for (const { game, atMs } of done) if (atMs >= dueMs && !first.has(game)) first.set(game, atMs - dueMs)
    if (first.size >= games) return [...first.values()]
    await delay(500)
  }
}

async function turnsOf(engines: string): Promise<z.infer<typeof Turns>> {
  return Turns.parse(await (await fetch(`${engines}/turns`)).json())
}

/** The controller as it is, in this process, over a host of ours. */
async function startWork(config: KubeConfig, engines: string): Promise<AsyncDisposable> {
  const workload = createWorkload({
    settings: readControllerSettings({ CONTROLLER_ALLOW_PROCESS_RUNTIME: 'true', CONTROLLER_ENGINE_DIR: tmpdir() }),
    config,
    host: createEngineHost(engines),
    events: { record: () => undefined, [Symbol.asyncDispose]: async () => undefined },
    metrics: createMetrics({ runtime: false }),
    tracer: noTracer,
    log: silentLog,
    clock: systemClock,
  })
  workload.start()
  const end = new AbortController()
  const leading = workload.lead(end.signal)
  return {
    [Symbol.asyncDispose]: async () => {
      end.abort()
      await leading
      await workload[Symbol.asyncDispose]()
    },
  }
}

function isReady(informer: Informer<Game>, name: string): boolean {
  return isTrue(informer.get({ namespace, name })?.status.conditions ?? [], 'Ready')
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 300_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('the Games are not Ready within five minutes')
    await delay(10)
  }
}

function manifest(name: string) {
  const players = ['Terrans', 'Zerks'].map((raceName, index) => ({ userId: `u${index}`, raceName }))
  const spec = { engine: { version: '~1.0' }, players, turns: { schedule: '0 * * * * *' } }
  return { metadata: { name }, spec }
}
