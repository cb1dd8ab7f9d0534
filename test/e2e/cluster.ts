import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Ran, type RunOptions, runKubectl } from '../conformance/kubectl.ts'

const scripts = fileURLToPath(new URL('../../scripts/cluster/', import.meta.url))
const run = promisify(execFile)

/** Whether the cluster is one that scripts/cluster made: with users of its own, and parts that tests may end. */
export const ownCluster = process.env['GALAXY_E2E_OWN'] !== undefined

export type Part =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'docker'

/** The cluster of `make e2e`, with a namespace that nobody else uses. */
export type Cluster = AsyncDisposable & {
  namespace: string
  /** In that namespace, unless the arguments say otherwise. */
  kubectl: (args: readonly string[], options?: RunOptions) => Promise<Ran>
}

/** @throws Error when `make e2e` did not say where the cluster is */
export async function openCluster(): Promise<Cluster> {
  const kubeconfig = process.env['GALAXY_E2E_KUBECONFIG']
  if (kubeconfig === undefined) throw new Error('GALAXY_E2E_KUBECONFIG is not set: run make e2e')
  const namespace = `e2e-${randomUUID().slice(0, 8)}`
  const kubectl = (args: readonly string[], options: RunOptions = {}) =>
    runKubectl(['--kubeconfig', kubeconfig, '-n', namespace, ...args], options)
  const { code, stderr } = await kubectl(['create', 'namespace', namespace])
  if (code !== 0) throw new Error(stderr)
  return {
    namespace,
    kubectl,
    [Symbol.asyncDispose]: async () => void (await kubectl(['delete', 'namespace', namespace, '--wait=false'])),
  }
}

/** Makes the images that the contract suite and the stories run: galaxy-test-engine:NAME. */
export async function makeTestEngines(): Promise<void> {
  await run(fileURLToPath(new URL('../../scripts/image/test-engines.sh', import.meta.url)))
}

/** Ends a part of our own cluster as if it had crashed. Nothing starts it again but `startPart`. */
export async function killPart(part: Part): Promise<void> {
  await control('kill', part)
}

/** Starts a part of our own cluster, unless it runs. The API server and the Docker daemon answer once this is done. */
export async function startPart(part: Part): Promise<void> {
  await control('start', part)
}

/** The Docker daemon has a script of its own: it also runs without a cluster. */
async function control(verb: 'kill' | 'start', part: Part): Promise<void> {
  if (part === 'docker') await run(`${scripts}docker.sh`, [verb])
  else await run(`${scripts}cluster.sh`, [verb, part])
}
