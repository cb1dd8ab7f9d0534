import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { webhookConfigurationKind } from '../../src/controllers/admission/index.ts'
import { storageClassKind } from '../../src/controllers/hosts/pods/binding.ts'
import { budgetKind } from '../../src/controllers/hosts/pods/budgets.ts'
import { claimKind, podKind, policyKind, serviceKind } from '../../src/controllers/hosts/pods/kinds.ts'
import { leaseKind } from '../../src/controllers/operator/lease.ts'
import { eventKind } from '../../src/platform/kubernetes/event-object.ts'
import { engineVersionKind, gameKind } from '../../src/resources/index.ts'
import { build, type Item } from './build.ts'

/** What the code calls, kind by kind: an apply is a patch that may create. */
const calls: [{ group: string; plural: string }, string, string[]][] = [
  [gameKind, '', ['get', 'list', 'watch', 'patch', 'delete']],
  [gameKind, '/status', ['update', 'patch']],
  [engineVersionKind, '', ['list', 'watch', 'patch']],
  [engineVersionKind, '/status', ['update']],
  [podKind, '', ['get', 'list', 'watch', 'create', 'patch', 'delete']],
  [serviceKind, '', ['get', 'list', 'watch', 'create', 'patch', 'delete']],
  [claimKind, '', ['get', 'list', 'watch', 'create', 'patch', 'delete']],
  [policyKind, '', ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete']],
  [budgetKind('v1'), '', ['create', 'patch']],
  [storageClassKind, '', ['get']],
  [eventKind, '', ['create', 'patch']],
  [leaseKind, '', ['get', 'create', 'update']],
  [webhookConfigurationKind, '', ['get', 'update']],
]

const wanted = calls.flatMap(([{ group, plural }, part, verbs]) =>
  verbs.map((verb) => `${verb} ${group}/${plural}${part}`),
)

describe('the manifests', () => {
  let items: Item[]
  beforeAll(async () => {
    items = await build('manifests/base')
  })

  it('allow the controller what it does, and nothing else: no secrets, no wildcards', () => {
    const rules = items.flatMap(({ rules = [] }) => rules)
    const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((name) => verbs.map((verb) => `${verb} ${group}/${name}`))),
    )
    expect([...new Set(granted)].toSorted()).toEqual(wanted.toSorted())
  })

  it('bind it in the namespaces of games only, where that is asked for', async () => {
    const bindings = (await build('manifests/overlays/namespaced')).filter(({ kind }) => kind.endsWith('Binding'))
    const cluster = bindings.filter(({ kind }) => kind === 'ClusterRoleBinding').map(({ metadata }) => metadata.name)
    expect(cluster).toEqual(['galaxy-controller-webhook'])
    expect(bindings.some(({ metadata }) => metadata.namespace === 'galaxy-games')).toBe(true)
  })

  it('lead the webhook to the port that the controller listens on', () => {
    expect(items.filter(({ kind }) => kind === 'ValidatingWebhookConfiguration')).toMatchObject([
      { metadata: { name: 'galaxy-controller' }, webhooks: [{ clientConfig: { service: { port: 443 } } }] },
    ])
    const container = { ports: expect.arrayContaining([{ name: 'webhook', containerPort: 9443 }]) }
    expect(items.find(({ kind }) => kind === 'Deployment')).toMatchObject({
      spec: { template: { spec: { containers: [container] } } },
    })
  })

  it('contain no secret', () => {
    expect(items.map(({ kind }) => kind)).not.toContain('Secret')
  })

  it.each(['games', 'engineversions'])('bring the definition of %s as it is in crds/', async (plural) => {
    const [own, original] = await Promise.all(
      ['manifests/base/crds', 'crds'].map((folder) => readFile(`${folder}/${plural}.galaxy.dev.yaml`, 'utf8')),
    )
    expect(own).toBe(original)
  })
})
