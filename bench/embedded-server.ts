import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../src/platform/log.ts'
import { startPostgres } from '../src/standalone/postgres/index.ts'
import { startServer } from './child.ts'

/** The Kubernetes API that `galaxy up` serves, in a process of its own, over an empty database. */
export async function startEmbeddedServer(): Promise<AsyncDisposable & { kubeconfig: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-bench-kube-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const postgres = stack.use(await startPostgres({ dir, log: silentLog }))
  const { url } = stack.use(await startServer('resources', [postgres.url]))
  const kubeconfig = join(dir, 'kubeconfig')
  await writeFile(kubeconfig, JSON.stringify(configOf(url)), { mode: 0o600 })
  const running = stack.move()
  return { kubeconfig, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

function configOf(server: string) {
  const name = 'bench'
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: { token: 'bench' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  }
}
