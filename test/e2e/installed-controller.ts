import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Docker from 'dockerode'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { Game } from '../../src/resources/index.ts'
import { type Cluster, openCluster } from './cluster.ts'

const ifThere = ['--ignore-not-found', '--timeout=90s']
export const system = ['-n', 'galaxy-system']
/** Its Pods, too: a namespace with some that are still ending looks again only after half their grace, 90 s. */
const endController = [...system, 'delete', 'deployment', 'galaxy-controller', '--cascade=foreground', ...ifThere]
/** How long a story waits for what must happen: a pod takes seconds, ten at once on a slow machine take more. */
export const storyMs = 90_000

const Event = z.object({
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  count: z.int().nullish(),
  involvedObject: z.object({ kind: z.string(), name: z.string(), uid: z.string().default('') }),
})
export type ToldEvent = z.infer<typeof Event>

const Pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({ containerStatuses: z.array(z.object({ containerID: z.string().default('') })).default([]) }),
    }),
  ),
})

export type InstalledController = Awaited<ReturnType<typeof installController>>

/** `env`: settings of the controller besides those of the manifests. `into`: its games' namespace, when it is theirs. */
export type InstallOptions = { folder?: string; env?: Readonly<Record<string, string>>; into?: string }

/**
 * The controller as an operator installs it: from manifests/, out of the image, with the rights that these give it and no
 * others; and a namespace for games. What it leaves behind is removed by `uninstall`.
 */
export async function installController({ folder = 'manifests/base', env = {}, into }: InstallOptions = {}) {
  const cluster: Cluster = await openCluster()
  const home = into === undefined ? [] : ['-n', into]
  const kubectl = async (args: readonly string[], input?: string) => {
    const ran = await cluster.kubectl([...home, ...args], input === undefined ? {} : { stdin: input })
    if (ran.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${ran.stderr}`)
    return ran.stdout
  }
  const namespaces = ['galaxy-system', ...(into === undefined ? [] : [into])]
  const refused = new Set<string>()
  const manifests = withEnvironment(await kubectl(['kustomize', folder]), env)
  try {
    // What was installed before may still be going.
    await kubectl(endController)
    for (const namespace of namespaces) await kubectl(['delete', 'namespace', namespace, ...ifThere])
    // Each object says its namespace.
    await kubectl(['apply', '-n', '', '--validate=false', '-f', '-'], manifests)
    await kubectl([...system, 'rollout', 'status', '--timeout=90s', 'deployment/galaxy-controller'])
  } catch (error) {
    await uninstall().catch(() => undefined)
    throw error
  }

  return {
    namespace: into ?? cluster.namespace,
    kubectl,
    try: (args: readonly string[], input?: string) =>
      cluster.kubectl([...home, ...args], input === undefined ? {} : { stdin: input }),
    apply: (object: object) => kubectl(['apply', '-f', '-'], JSON.stringify(object)),
    play,
    patch: (name: string, spec: object) =>
      kubectl(['patch', 'game', name, '--type=merge', '-p', JSON.stringify({ spec })]),
    game,
    until,
    ready: (name: string) => kubectl(['wait', `--timeout=${storyMs / 1000}s`, '--for=condition=Ready', `game/${name}`]),
    events,
    pod,
    container,
    leader,
    scale,
    turnsOnDisk,
    refusals,
    uninstall,
  }

  /** Applies a Game of two players on the built-in engine; `spec` says what is otherwise. */
  async function play(name: string, spec: object = {}): Promise<void> {
    const players = ['Terrans', 'Vegans'].map((raceName) => ({ userId: raceName.toLowerCase(), raceName }))
    const defaults = { engine: { image: 'galaxy-engine:1.0.0' }, players }
    const object = { apiVersion: 'galaxy.dev/v1', kind: 'Game', metadata: { name }, spec: { ...defaults, ...spec } }
    await kubectl(['apply', '-f', '-'], JSON.stringify(object))
  }

  async function game(name: string): Promise<Game> {
    return Game.parse(JSON.parse(await kubectl(['get', 'game', name, '-o', 'json'])))
  }

  /** Waits until the Game is as asked for; the failure shows its status. */
  async function until(name: string, holds: (game: Game) => boolean, withinMs = storyMs): Promise<Game> {
    let seen: Game | undefined
    const look = async () => {
      seen = await game(name).catch(() => undefined)
      return seen !== undefined && holds(seen)
    }
    await patiently(look, withinMs, () => `${name}: ${JSON.stringify(seen?.status)}`)
    if (!seen) throw new Error(`${name} is gone`)
    return seen
  }

  async function events(name: string): Promise<ToldEvent[]> {
    const told = await kubectl(['get', 'events', `--field-selector=involvedObject.name=${name}`, '-o', 'json'])
    return z.object({ items: z.array(Event) }).parse(JSON.parse(told)).items
  }

  /** The uid of the game's Pod, or nothing. */
  async function pod(name: string): Promise<string> {
    const path = 'jsonpath={.metadata.uid}'
    return kubectl(['get', 'pod', `galaxy-game-${name}`, '--ignore-not-found', '-o', path])
  }

  /** What the game's engine runs in, on the node's daemon. */
  async function container(name: string): Promise<Docker.Container> {
    const docker = new Docker({ socketPath: process.env['GALAXY_E2E_DOCKER'] ?? '' })
    const pod = [
      `io.kubernetes.pod.name=galaxy-game-${name}`,
      `io.kubernetes.pod.namespace=${into ?? cluster.namespace}`,
    ]
    const containers = await docker.listContainers({ filters: { label: pod } })
    const engine = containers.find(({ Labels }) => Labels['io.kubernetes.container.name'] === 'engine')
    if (!engine) throw new Error(`${name} has no container`)
    return docker.getContainer(engine.Id)
  }

  async function leader(): Promise<string> {
    const path = 'jsonpath={.spec.holderIdentity}'
    return (await kubectl([...system, 'get', 'lease', 'galaxy-controller', '-o', path])).split('_')[0] ?? ''
  }

  /** The turns that the engine has put on its volume, in order: this machine is the node. */
  async function turnsOnDisk(name: string): Promise<number[]> {
    const volume = await kubectl(['get', 'pvc', `galaxy-game-${name}`, '-o', 'jsonpath={.spec.volumeName}'])
    const folder = await kubectl(['get', 'pv', volume, '-o', 'jsonpath={.spec.hostPath.path}'])
    const files = await readdir(join(folder, 'turns'))
    return files.map((file) => Number.parseInt(file, 10)).toSorted((a, b) => a - b)
  }

  /** How many controllers there are from now on. Those that go take their logs along: what they were refused is kept. */
  async function scale(replicas: number): Promise<void> {
    await refusals()
    await kubectl([...system, 'scale', 'deployment/galaxy-controller', `--replicas=${replicas}`])
    await kubectl([...system, 'rollout', 'status', '--timeout=90s', 'deployment/galaxy-controller'])
  }

  /** What its role did not let the controller do, as it logged it. */
  async function refusals(): Promise<string[]> {
    const label = ['-l', 'app.kubernetes.io/name=galaxy-controller']
    const pods = Pods.parse(JSON.parse(await kubectl([...system, 'get', 'pods', ...label, '-o', 'json'])))
    // One that is going has a log for as long as it runs, which nobody can know; one that has not run yet has none.
    const hasLog = ({ metadata, status }: (typeof pods.items)[number]) =>
      metadata.deletionTimestamp === undefined && status.containerStatuses.some(({ containerID }) => containerID !== '')
    for (const { metadata } of pods.items.filter(hasLog)) {
      const lines = (await kubectl([...system, 'logs', metadata.name])).split('\n')
      for (const line of lines.filter((each) => /orbidden: User/.test(each))) refused.add(line)
    }
    return [...refused]
  }

  /**
   * Games first: only the controller can let them go.
   * @throws Error when the API server has refused the controller anything
   */
  async function uninstall(): Promise<void> {
    const told = await refusals().catch((error: unknown) => [`nobody knows what: ${String(error)}`])
    await kubectl(['delete', 'games,engineversions', '--all', '--timeout=90s']).catch(() => undefined)
    await cluster[Symbol.asyncDispose]()
    const wide = ['clusterroles', 'clusterrolebindings', 'validatingwebhookconfigurations', 'priorityclasses']
    const names = ['galaxy-controller', 'galaxy-controller-webhook']
    for (const kind of wide) await cluster.kubectl(['delete', kind, ...names, '--ignore-not-found'])
    await cluster.kubectl(endController)
    await cluster.kubectl(['delete', 'namespace', ...namespaces, ...ifThere])
    if (told.length > 0) throw new Error(`the controller was refused:\n${told.join('\n')}`)
  }
}

/** Polls until it holds, but not so often that kubectl takes the machine from what it waits for. */
export async function patiently(
  holds: () => Promise<boolean>,
  withinMs = storyMs,
  show = () => 'what was waited for',
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${show()}`)
    await delay(250)
  }
}

/** The status of a condition and its reason, as in `True Ready`. */
export function condition({ status }: Pick<Game, 'status'>, type: string): string {
  const found = status.conditions?.find((each) => each.type === type)
  return found ? `${found.status} ${found.reason}` : ''
}

/** 0, 1, 2 … up to `last`: each turn once, none left out. */
export function everyTurn(last: number): number[] {
  return Array.from({ length: last + 1 }, (_, turn) => turn)
}

function withEnvironment(manifests: string, env: Readonly<Record<string, string>>): string {
  const documents = parseAllDocuments(manifests)
  for (const document of documents) {
    if (document.get('kind') !== 'Deployment') continue
    const path = ['spec', 'template', 'spec', 'containers', 0, 'env']
    for (const [name, value] of Object.entries(env)) document.addIn(path, document.createNode({ name, value }))
  }
  return documents.map(String).join('---\n')
}
