import { builtInEngineImage } from '../../controllers/index.ts'
import { systemClock } from '../../platform/clock.ts'
import { writeFileAtomically } from '../../platform/files.ts'
import { createResourceClient, loadKubeConfig } from '../../platform/kubernetes/client.ts'
import { failedWith } from '../../platform/kubernetes/errors.ts'
import type { Log } from '../../platform/log.ts'
import type { ListenAddress } from '../../platform/settings.ts'
import { customKinds, engineVersionKind } from '../../resources/index.ts'
import type { Keys } from '../keys.ts'
import { keepCertificate, keepRenewed } from '../certificate.ts'
import { startResourceServer } from '../kube/index.ts'
import { kubeconfigText } from '../kubeconfig.ts'
import type { Layout } from '../layout.ts'

type SeededServerOptions = { databaseUrl: string; listen: ListenAddress; keys: Keys; layout: Layout; log: Log }

/** The resource server with the kubeconfigs that lead to it and the engine version that comes with the product. */
export async function startSeededServer({ databaseUrl, listen, keys, layout, log }: SeededServerOptions) {
  await using stack = new AsyncDisposableStack()
  const tls = await keepCertificate(layout.certificate, systemClock.now())
  const server = stack.use(
    await startResourceServer({
      databaseUrl,
      listen,
      tokens: [
        { token: keys.adminToken, user: 'galaxy-admin', groups: ['system:masters'] },
        { token: keys.controllerToken, user: 'galaxy-controller', groups: ['system:masters'] },
        { token: keys.apiToken, user: 'galaxy-api', groups: ['system:masters'] },
      ],
      kinds: customKinds,
      tls,
      log,
    }),
  )
  const trust = (authority: string) => writeKubeconfigs(layout, { server: server.url, keys, authority })
  await trust(tls.certificate)
  const { certificate: path } = layout
  stack.use(keepRenewed({ path, shown: tls, trust, show: server.show, clock: systemClock, log }))
  await seed(layout, log)
  const stopping = stack.move()
  return { url: server.url, [Symbol.asyncDispose]: () => stopping.disposeAsync() }
}

type Access = { server: string; keys: Keys; authority: string }

async function writeKubeconfigs(layout: Layout, { server, keys, authority }: Access): Promise<void> {
  // kubectl sends its token over TLS only; the controllers are on this machine and spare themselves the work.
  const forPeople = { server: server.replace(/^http:/, 'https:'), token: keys.adminToken, authority }
  const forControllers = { server, token: keys.controllerToken }
  const forApi = { server, token: keys.apiToken }
  await writeFileAtomically(layout.kubeconfig, kubeconfigText(forPeople), { mode: 0o600 })
  await writeFileAtomically(layout.controllerKubeconfig, kubeconfigText(forControllers), { mode: 0o600 })
  await writeFileAtomically(layout.apiKubeconfig, kubeconfigText(forApi), { mode: 0o600 })
}

/** What a person has changed about the seeded version since stays as it is. */
async function seed(layout: Layout, log: Log): Promise<void> {
  const engineVersions = createResourceClient(loadKubeConfig({ path: layout.kubeconfig }), engineVersionKind)
  const builtIn = {
    metadata: { name: 'galaxy-engine-1.0.0' },
    spec: { version: '1.0.0', image: builtInEngineImage },
  }
  try {
    await engineVersions.apply(builtIn, { namespace: 'default', fieldManager: 'galaxy-standalone' })
  } catch (error) {
    if (!failedWith(error, 'Conflict')) throw error
    log.info('the engine version galaxy-engine-1.0.0 was changed by someone else: left as it is')
  }
}
