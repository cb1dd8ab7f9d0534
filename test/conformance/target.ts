import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../../src/platform/log.ts'
import { createCertificate } from '../../src/platform/certificate/index.ts'
import { customKinds } from '../../src/resources/index.ts'
import { startResourceServer } from '../../src/standalone/kube/index.ts'
import { kubeconfigText } from '../../src/standalone/kubeconfig.ts'
import { createTestDatabase } from '../support/database.ts'
import { query } from '../support/query.ts'
import { type Ran, type RunOptions, runKubectl } from './kubectl.ts'

const crds = fileURLToPath(new URL('../../crds', import.meta.url))

/** An API server under test, with a namespace that nobody else uses. */
export type Target = AsyncDisposable & {
  kubeconfig: string
  namespace: string
  /** A folder of this target's own. */
  dir: string
  /** In the namespace of the target, unless the arguments say otherwise. */
  kubectl: (args: readonly string[], options?: RunOptions) => Promise<Ran>
}

/**
 * The API server that GALAXY_CONFORMANCE_KUBECONFIG leads to, with our CRDs installed if it lacks them; an embedded
 * resource server of its own otherwise. A bare API server needs the controller manager beside it, for namespaces and
 * owners.
 */
export async function openTarget(): Promise<Target> {
  await using stack = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-conformance-'))
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const kubeconfig = process.env['GALAXY_CONFORMANCE_KUBECONFIG'] ?? (await startEmbedded(stack, dir))
  const namespace = `conformance-${randomUUID().slice(0, 8)}`
  const run = (args: readonly string[], options: RunOptions = {}) =>
    // Discovery is cached per home; what was edited in vain is left in the folder for temporary files.
    runKubectl(args, { ...options, env: { HOME: dir, TMPDIR: dir, KUBECONFIG: kubeconfig, ...options.env } })
  await succeed(run(['create', 'namespace', namespace]))
  stack.defer(async () => void (await run(['delete', 'namespace', namespace, '--wait=false'])))
  if ((await run(['get', 'crd', 'games.galaxy.dev'])).code !== 0) await installCrds(run)
  const opened = stack.move()
  return {
    kubeconfig,
    namespace,
    dir,
    kubectl: (args, options) => run(['-n', namespace, ...args], options),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function startEmbedded(stack: AsyncDisposableStack, dir: string): Promise<string> {
  const database = stack.use(await createTestDatabase())
  const [token, tls] = [randomUUID(), createCertificate(['127.0.0.1'], new Date())]
  const start = () =>
    startResourceServer({
      databaseUrl: database.url,
      listen: { host: '127.0.0.1', port: 0 },
      tokens: [{ token, user: 'conformance', groups: ['system:masters'] }],
      kinds: customKinds,
      log: silentLog,
      tls,
    })
  // A server that has been up for a while no longer knows how everything began.
  await (await start())[Symbol.asyncDispose]()
  await query(database.url, 'DELETE FROM resource_log WHERE version < (SELECT max(version) FROM resource_log)')
  const server = stack.use(await start())
  const kubeconfig = join(dir, 'kubeconfig')
  const https = server.url.replace(/^http:/, 'https:')
  await writeFile(kubeconfig, kubeconfigText({ server: https, token, authority: tls.certificate }), { mode: 0o600 })
  return kubeconfig
}

type Run = (args: readonly string[]) => Promise<Ran>

async function installCrds(run: Run): Promise<void> {
  // Servers older than CEL take its rules for mistakes, and drop them.
  await succeed(run(['apply', '--validate=false', '-f', crds]))
  await succeed(run(['wait', '--for=condition=established', 'crd/games.galaxy.dev', 'crd/engineversions.galaxy.dev']))
}

async function succeed(running: Promise<Ran>): Promise<void> {
  const { code, stderr } = await running
  if (code !== 0) throw new Error(`kubectl failed: ${stderr}`)
}
