import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { podKind } from '../src/controllers/hosts/pods/kinds.ts'
import { isTrue } from '../src/platform/kubernetes/conditions.ts'
import { createInformer } from '../src/platform/kubernetes/informer.ts'
import { ObjectMeta } from '../src/platform/kubernetes/objects.ts'
import { callApi } from '../src/platform/kubernetes/transport.ts'
import { silentLog } from '../src/platform/log.ts'
import { gameKind } from '../src/resources/index.ts'
import { runKubectl } from '../test/conformance/kubectl.ts'
import { type Cluster, openCluster } from './cluster.ts'
import { median, report } from './figures.ts'

const deploymentKind = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
  schema: z.object({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: ObjectMeta,
    status: z.object({ availableReplicas: z.int().default(0) }).prefault({}),
  }),
}

const image = 'galaxy-engine:1.0.0'
const rounds = 3
const withinMs = 240_000
const system = 'galaxy-system'

/** `kubectl apply` of N Games to all Ready, beside N Deployments of the engine's image to all available. */
export async function benchGamesOnCluster(kubeconfig: string, counts: readonly number[]): Promise<void> {
  await using cluster = await openCluster(kubeconfig)
  await using _controller = await installController(cluster)
  const version = { apiVersion: 'galaxy.dev/v1', kind: 'EngineVersion', metadata: { name: 'one' } }
  await apply(cluster, [{ ...version, spec: { version: '1.0.0', image } }])
  try {
    for (const count of counts) await compare(cluster, count)
  } finally {
    await kubectl(cluster, ['delete', 'games,deployments', '--all', '--timeout=120s'])
    await kubectl(cluster, ['delete', 'engineversions', '--all', '--timeout=60s'])
  }
}

async function compare(cluster: Cluster, count: number): Promise<void> {
  const tookMs = { deployments: [] as number[], games: [] as number[] }
  const timelines: Timeline[] = []
  for (let round = 0; round < rounds; round += 1) {
    tookMs.deployments.push(await deployAll(cluster, count))
    const { ms, timeline } = await playAll(cluster, count)
    tookMs.games.push(ms)
    timelines.push(...timeline)
  }
  const [ours, theirs] = [median(tookMs.games), median(tookMs.deployments)]
  console.log(`apply of ${count} to all Ready on a cluster, median of ${rounds}`)
  report('Deployments of the same image', `${(theirs / 1000).toFixed(1)} s`)
  report('Games', `${(ours / 1000).toFixed(1)} s`)
  report('ratio', (ours / theirs).toFixed(2), { text: '<= 1.0', met: ours <= theirs })
  const middle = (value: (each: Timeline) => number) => `${(median(timelines.map(value)) / 1000).toFixed(2)} s`
  report(
    'a Game until its Pod is created',
    middle(({ game, pod }) => pod - game),
  )
  report(
    'the Pod until it runs (scheduler, kubelet, Docker)',
    middle(({ pod, running }) => running - pod),
  )
  report(
    'the engine until the Game is Ready',
    middle(({ running, ready }) => ready - running),
  )
}

/** Watched as the Games are: what is measured costs both the same. */
async function deployAll(cluster: Cluster, count: number): Promise<number> {
  const { config, namespace } = cluster
  const available = new Set<string>()
  await using deployments = createInformer({
    config,
    kind: deploymentKind,
    namespace,
    onChange: ({ name }, { after }) => void (after?.status.availableReplicas === 1 && available.add(name)),
    log: silentLog,
  })
  await using pods = createInformer({ config, kind: podKind, namespace, onChange: () => undefined, log: silentLog })
  for (const informer of [deployments, pods]) informer.start()
  await Promise.all([deployments.synced(), pods.synced()])
  const startedAt = performance.now()
  await apply(cluster, numbered(count).map(deployment))
  await until(() => available.size === count, `${count} Deployments are not all available`)
  const tookMs = performance.now() - startedAt
  await kubectl(cluster, ['delete', 'deployments', '--all', '--timeout=120s'])
  await noPods(cluster)
  return tookMs
}

/** When each step of a Game was seen. */
type Timeline = { game: number; pod: number; running: number; ready: number }

async function playAll(cluster: Cluster, count: number): Promise<{ ms: number; timeline: Timeline[] }> {
  const { config, namespace } = cluster
  const seen = new Map<string, Partial<Timeline>>()
  const note = (name: string, step: keyof Timeline) => {
    const steps = seen.get(name) ?? {}
    seen.set(name, { [step]: performance.now(), ...steps })
  }
  await using games = createInformer({
    config,
    kind: gameKind,
    namespace,
    onChange: ({ name }, { after }) => {
      if (!after) return
      note(name, 'game')
      if (isTrue(after.status.conditions ?? [], 'Ready')) note(name, 'ready')
    },
    log: silentLog,
  })
  await using pods = createInformer({
    config,
    kind: podKind,
    namespace,
    onChange: (_key, { after }) => {
      const name = after?.metadata.labels['galaxy.dev/game']
      if (after === undefined || name === undefined) return
      note(name, 'pod')
      if (after.status.phase === 'Running') note(name, 'running')
    },
    log: silentLog,
  })
  for (const informer of [games, pods]) informer.start()
  await Promise.all([games.synced(), pods.synced()])
  const startedAt = performance.now()
  await apply(cluster, numbered(count).map(game))
  const ready = () => [...seen.values()].filter((each) => each.ready !== undefined).length
  await until(() => ready() === count, `${count} Games are not all Ready`)
  const ms = performance.now() - startedAt
  await kubectl(cluster, ['delete', 'games', '--all', '--timeout=120s'])
  await noPods(cluster)
  const timeline = [...seen.values()].flatMap(({ game: at, pod, running, ready: end }) =>
    at === undefined || pod === undefined || running === undefined || end === undefined
      ? []
      : [{ game: at, pod, running, ready: end }],
  )
  return { ms, timeline }
}

/** What the last round has left would be paid for by the next one. */
async function noPods({ config, namespace }: Cluster): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`
  await until(async () => {
    const { items } = Object(await callApi(config, { method: 'GET', path }, 30_000))
    return items.length === 0
  }, 'Pods of the last round are still there')
}

async function until(holds: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(otherwise)
    await delay(100)
  }
}

/** As an operator installs it, out of manifests/. */
async function installController(cluster: Cluster): Promise<AsyncDisposable> {
  const manifests = await kubectl(cluster, ['kustomize', 'manifests/base'])
  await kubectl(cluster, ['apply', '-n', system, '--validate=false', '-f', '-'], manifests)
  await kubectl(cluster, ['-n', system, 'rollout', 'status', '--timeout=90s', 'deployment/galaxy-controller'])
  return {
    [Symbol.asyncDispose]: async () => {
      const wide = ['clusterroles', 'clusterrolebindings', 'validatingwebhookconfigurations', 'priorityclasses']
      const names = ['galaxy-controller', 'galaxy-controller-webhook']
      for (const kind of wide) await kubectl(cluster, ['delete', kind, ...names, '--ignore-not-found'])
      // With its Pods: a namespace with some that are still ending looks again only after half their grace, 90 s.
      const whole = ['--cascade=foreground', '--timeout=90s']
      await kubectl(cluster, ['-n', system, 'delete', 'deployment', 'galaxy-controller', ...whole])
      await kubectl(cluster, ['delete', 'namespace', system, '--timeout=90s'])
    },
  }
}

async function apply(cluster: Cluster, objects: readonly object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects }
  await kubectl(cluster, ['apply', '--validate=false', '-f', '-'], JSON.stringify(list))
}

async function kubectl({ kubeconfig, namespace }: Cluster, args: readonly string[], stdin?: string) {
  const { code, stdout, stderr } = await runKubectl(['--kubeconfig', kubeconfig, '-n', namespace, ...args], { stdin })
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
  return stdout
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `bench-${index}`)
}

function game(name: string) {
  const players = ['Terrans', 'Zerks'].map((raceName, index) => ({ userId: `u${index}`, raceName }))
  const spec = { engine: { version: '~1.0' }, players, settings: { seed: 1 } }
  return { apiVersion: 'galaxy.dev/v1', kind: 'Game', metadata: { name }, spec }
}

/** The engine and nothing around it: no address, no volume, no game in it. */
function deployment(name: string) {
  const labels = { app: name }
  const container = {
    name: 'engine',
    image,
    imagePullPolicy: 'IfNotPresent',
    env: [
      { name: 'GALAXY_STATE_DIR', value: '/var/lib/galaxy' },
      { name: 'GALAXY_ENGINE_HOST', value: '0.0.0.0' },
    ],
    readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
    volumeMounts: [
      { name: 'state', mountPath: '/var/lib/galaxy' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  }
  const volumes = ['state', 'tmp'].map((volume) => ({ name: volume, emptyDir: {} }))
  const pod = { automountServiceAccountToken: false, containers: [container], volumes }
  const template = { metadata: { labels }, spec: pod }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  }
}
