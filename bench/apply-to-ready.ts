import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Agent, request } from 'undici'
import { createResourceClient, loadKubeConfig } from '../src/platform/kubernetes/client.ts'
import { createInformer, type Informer } from '../src/platform/kubernetes/informer.ts'
import { silentLog } from '../src/platform/log.ts'
import { type Game, gameKind } from '../src/resources/index.ts'
import { startPlatform } from '../test/support/platform.ts'
import { median, report } from './figures.ts'
import { freePort } from './ports.ts'

const rounds = 5
const engine = fileURLToPath(new URL('../src/engine/main.ts', import.meta.url))
const dispatcher = new Agent()

/** From applying N Games to all Ready, beside spawning the same N engines by hand and waiting for their `/healthz`. */
export async function benchApplyToReady(): Promise<void> {
  await using platform = await startPlatform()
  const config = loadKubeConfig({ path: platform.kubeconfig })
  const games = createResourceClient(config, gameKind)
  await using informer = createInformer({ config, kind: gameKind, onChange: () => undefined, log: silentLog })
  informer.start()
  await informer.synced()
  for (const count of [1, 20]) {
    const ours: number[] = []
    const byHand: number[] = []
    // The first round warms both up: file caches for the one, compiled code for the other.
    for (let round = 0; round <= rounds; round += 1) {
      const handMs = await spawnByHand(count)
      const oursMs = await applyAll(games, informer, { count, round })
      if (round === 0) continue
      byHand.push(handMs)
      ours.push(oursMs)
    }
    const ratio = median(ours) / median(byHand)
    console.log(`apply to Ready, ${count} game${count > 1 ? 's' : ''}, median of ${rounds}`)
    report('engines spawned by hand to healthy', `${median(byHand).toFixed(0)} ms`)
    report('Games applied to Ready (pull, start, init, status)', `${median(ours).toFixed(0)} ms`)
    report('ratio', ratio.toFixed(2), { text: '<= 1.3', met: ratio <= 1.3 })
  }
}

type Batch = { count: number; round: number }

async function applyAll(
  games: ReturnType<typeof createResourceClient<Game>>,
  informer: Informer<Game>,
  { count, round }: Batch,
) {
  const names = Array.from({ length: count }, (_, index) => `bench-${count}-${round}-${index}`)
  const startedAt = performance.now()
  await Promise.all(names.map((name) => games.create(manifest(name), { namespace: 'default', fieldManager: 'bench' })))
  while (!names.every((name) => isReady(informer.get({ namespace: 'default', name })))) await delay(5)
  const tookMs = performance.now() - startedAt
  await Promise.all(names.map((name) => games.remove({ namespace: 'default', name })))
  while (names.some((name) => informer.get({ namespace: 'default', name }))) await delay(20)
  return tookMs
}

function isReady(game: Game | undefined): boolean {
  return game?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}

function manifest(name: string) {
  const players = ['Terrans', 'Zerks'].map((raceName, index) => ({ userId: `u${index}`, raceName }))
  const spec = { engine: { version: '~1.0' }, players, settings: { seed: 1 } }
  return { apiVersion: 'galaxy.dev/v1', kind: 'Game', metadata: { name }, spec }
}

async function spawnByHand(count: number): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-bench-engines-'))
  const children: ChildProcess[] = []
  try {
    const ports = await Promise.all(Array.from({ length: count }, freePort))
    const startedAt = performance.now()
    await Promise.all(ports.map((port, index) => spawnOne({ port, dir: join(dir, String(index)), children })))
    return performance.now() - startedAt
  } finally {
    await Promise.all(children.map(end))
    await rm(dir, { recursive: true, force: true })
  }
}

type OneEngine = { port: number; dir: string; children: ChildProcess[] }

async function spawnOne({ port, dir, children }: OneEngine): Promise<void> {
  const env = {
    PATH: process.env['PATH'],
    GALAXY_STATE_DIR: dir,
    GALAXY_ENGINE_PORT: String(port),
    GALAXY_ENGINE_HOST: '127.0.0.1',
  }
  children.push(spawn(process.execPath, ['--disable-warning=ExperimentalWarning', engine], { env, stdio: 'ignore' }))
  for (;;) {
    const status = await request(`http://127.0.0.1:${port}/healthz`, { dispatcher }).then(
      async ({ statusCode, body }) => body.dump().then(() => statusCode),
      () => 0,
    )
    if (status === 200) return
    await delay(10)
  }
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
}
