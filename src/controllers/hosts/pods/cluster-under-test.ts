import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, watch } from 'node:fs'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { z } from 'zod'
import { createResourceClient, type KubeConfig, loadKubeConfig } from '../../../platform/kubernetes/client.ts'
import { ObjectMeta } from '../../../platform/kubernetes/objects.ts'
import { silentLog } from '../../../platform/log.ts'
import { reconcileAnnotation } from '../../../resources/index.ts'
import type { HostUnderTest } from '../contract.ts'
import type { GameRef } from '../port.ts'
import { createPodsHost } from './host.ts'
import { objectName } from './names.ts'

const run = promisify(execFile)
/** More than the suite needs: each of its games must exist, or the cluster would collect what belongs to it. */
const gamesWanted = 48

type Kubectl = (...args: string[]) => Promise<string>

const volumes = '/tmp/hostpath_pv'

const images = (name: string) => `galaxy-test-engine:${name}`

export type PodsUnderTest = HostUnderTest & {
  aGame: () => GameRef
  config: KubeConfig
  namespace: string
  kubectl: Kubectl
}

/** A namespace of its own on the cluster and the Docker daemon that the environment names, with Games to run. */
export async function podsUnderTest(): Promise<PodsUnderTest> {
  const kubeconfig = needed('GALAXY_E2E_KUBECONFIG')
  const docker = new Docker({ socketPath: needed('GALAXY_E2E_DOCKER') })
  const namespace = `contract-${randomUUID().slice(0, 8)}`
  const kubectl = async (...args: string[]) => (await run('kubectl', ['--kubeconfig', kubeconfig, ...args])).stdout
  await kubectl('create', 'namespace', namespace)
  const games = await makeGames(loadKubeConfig({ path: kubeconfig }), namespace)
  const config = loadKubeConfig({ path: kubeconfig, ...(await asController(kubectl, namespace)) })
  const reopen = async () => {
    const podOptions = { imagePullPolicy: 'IfNotPresent' as const, allowedKeys: [] }
    const host = createPodsHost({
      config,
      namespaces: [namespace],
      pullNamespace: namespace,
      podOptions,
      log: silentLog,
    })
    // What a controller does first, too: so nothing that happens from now on is missed.
    await host.list()
    return host
  }
  const host = await reopen()
  const opening = openVolumes()

  return {
    host,
    config,
    namespace,
    kubectl,
    reopen,
    aGame: () => games.shift() ?? fail('the suite has more games than were made for it'),
    images: {
      idle: images('idle'),
      failing: images('failing'),
      stubborn: images('stubborn'),
      counting: images('counting'),
      environment: images('environment'),
      listening: images('listening'),
      // A registry that is not there, so that nobody waits for a name to be found.
      missing: '127.0.0.1:1/galaxy-test-engine:missing',
    },
    readState: async ({ name, uid }, file) => {
      const volume = await volumeOf(objectName(name), uid)
      return volume && readFile(join(volume, file), 'utf8').catch(() => undefined)
    },
    get: async ({ endpoint = '' }, path) => (await fetch(`${endpoint}${path}`)).status,
    kill: async ({ name }) => {
      const filters = {
        label: [`io.kubernetes.pod.name=${objectName(name)}`, `io.kubernetes.pod.namespace=${namespace}`],
      }
      const containers = await docker.listContainers({ filters })
      const engine = containers.find(({ Labels }) => Labels['io.kubernetes.container.name'] === 'engine')
      await docker.getContainer(engine?.Id ?? fail('it has no container')).kill()
    },
    dispose: async () => {
      opening.close()
      await host[Symbol.asyncDispose]()
      await kubectl('delete', 'namespace', namespace, '--wait=false')
    },
  }

  /** The folder of the node that holds the game's data: this machine is the node. */
  async function volumeOf(claim: string, uid: string): Promise<string | undefined> {
    const filter = `-o=jsonpath={.metadata.labels.galaxy\\.dev/game-uid} {.spec.volumeName}`
    const said = await kubectl('get', 'pvc', claim, '-n', namespace, filter, '--ignore-not-found')
    const [owner, volume] = said.split(' ')
    if (owner !== uid || !volume) return undefined
    return kubectl('get', 'pv', volume, '-o=jsonpath={.spec.hostPath.path}', '--ignore-not-found')
  }
}

/** From here on with the shipped role alone, where the cluster has a user for it: whatever it does not allow, fails. */
async function asController(kubectl: Kubectl, namespace: string): Promise<{ context?: string }> {
  const user = 'galaxy-controller'
  const contexts = await kubectl('config', 'get-contexts', '--output=name')
  if (!contexts.split('\n').includes(user)) return {}
  await kubectl('apply', '-f', 'manifests/base/role.yaml', '-n', namespace)
  await kubectl('create', 'rolebinding', user, `--clusterrole=${user}`, `--user=${user}`, '-n', namespace)
  return { context: user }
}

/** The controller manager's provisioner lets only root into the folders that it makes; other clusters have better ones. */
function openVolumes() {
  mkdirSync(volumes, { recursive: true, mode: 0o700 })
  return watch(volumes, (_, name) => {
    if (name) chmod(join(volumes, name), 0o777).catch(() => undefined)
  })
}

async function makeGames(config: KubeConfig, namespace: string): Promise<GameRef[]> {
  const { create } = createResourceClient(config, gameKind)
  const made = Array.from({ length: gamesWanted }, async (_, i) => {
    // Whoever runs games on this cluster leaves these alone.
    const annotations = { [reconcileAnnotation]: 'disabled' }
    const spec = { runState: 'Stopped', engine: { image: 'none' } }
    const game = { metadata: { name: `game-${i + 1}`, annotations }, spec }
    const { metadata } = await create(game, { namespace, fieldManager: 'contract' })
    return { namespace, name: metadata.name, uid: metadata.uid }
  })
  return Promise.all(made)
}

const gameKind = {
  group: 'galaxy.dev',
  version: 'v1',
  plural: 'games',
  kind: 'Game',
  namespaced: true,
  schema: z.object({ apiVersion: z.string(), kind: z.string(), metadata: ObjectMeta }),
}

function needed(variable: string): string {
  return process.env[variable] ?? fail(`${variable} is not set: run this by make e2e`)
}

function fail(message: string): never {
  throw new Error(message)
}
