import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readControllerSettings } from '../../src/controllers/index.ts'
import { build, type Item } from './build.ts'

const Variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .object({
      fieldRef: z.object({ fieldPath: z.literal('metadata.namespace') }).optional(),
      secretKeyRef: z.object({ name: z.string(), key: z.string(), optional: z.literal(true) }).optional(),
    })
    .optional(),
})
const Deployment = z.object({
  metadata: z.object({ namespace: z.string() }),
  spec: z.object({
    strategy: z.unknown(),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({
        priorityClassName: z.string(),
        terminationGracePeriodSeconds: z.int(),
        topologySpreadConstraints: z.array(z.unknown()),
        containers: z.tuple([z.object({ env: z.array(Variable), resources: z.unknown() })]),
      }),
    }),
  }),
})

const deploymentIn = (items: readonly Item[]) => Deployment.parse(items.find(({ kind }) => kind === 'Deployment'))

/** What its environment sets, each variable read with those before it, as kubelet does. */
function settingsOf({ metadata: { namespace }, spec }: z.infer<typeof Deployment>, token?: string) {
  const given: Record<string, string | undefined> = {}
  for (const { name, value = '', valueFrom } of spec.template.spec.containers[0].env) {
    if (valueFrom?.secretKeyRef) given[name] = token
    else given[name] = valueFrom ? namespace : value.replace(/\$\((\w+)\)/g, (as, other: string) => given[other] ?? as)
  }
  return readControllerSettings(given)
}

describe('the Deployment of the controller', () => {
  let items: Item[]
  let deployment: z.infer<typeof Deployment>
  beforeAll(async () => {
    items = await build('manifests/base')
    deployment = deploymentIn(items)
  })

  it('gives it the time that a turn in progress may take, so that the lease is handed over and not waited for', () => {
    const { turnTimeoutMs, callTimeoutMs } = settingsOf(deployment).limits
    const graceMs = deployment.spec.template.spec.terminationGracePeriodSeconds * 1000
    expect(graceMs).toBeGreaterThan(turnTimeoutMs + callTimeoutMs)
  })

  it('keeps its replicas on two nodes where there are two, through an update, too', () => {
    const { template, strategy } = deployment.spec
    const labelSelector = { matchLabels: template.metadata.labels }
    const wish = { maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', labelSelector }
    expect(template.spec.topologySpreadConstraints).toEqual([
      { ...wish, topologyKey: 'kubernetes.io/hostname' },
      { ...wish, topologyKey: 'topology.kubernetes.io/zone' },
    ])
    expect(strategy).toEqual({ rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } })
  })

  it('takes the service token from a Secret of its namespace, and starts without one', () => {
    expect(settingsOf(deployment, 'secret').serviceToken).toBe('secret')
    expect(settingsOf(deployment).serviceToken).toBeUndefined()
  })

  it('has a class of priority that comes along with it', () => {
    const classes = items.filter(({ kind }) => kind === 'PriorityClass').map(({ metadata }) => metadata.name)
    expect(classes).toEqual([deployment.spec.template.spec.priorityClassName])
  })
})

describe('an installation in another namespace', () => {
  it('has everything there, bindings and webhook included', async () => {
    const items = await build('test/manifests/elsewhere')
    expect(JSON.stringify(items)).not.toContain('galaxy-system')
    const namespace = 'game-control'
    for (const { subjects } of items.filter(({ kind }) => kind.endsWith('Binding'))) {
      expect(subjects).toMatchObject([{ name: 'galaxy-controller', namespace }])
    }
    expect(items.find(({ kind }) => kind === 'ValidatingWebhookConfiguration')).toMatchObject({
      webhooks: [{ clientConfig: { service: { name: 'galaxy-controller', namespace } } }],
    })
    expect(items.filter(({ kind }) => kind === 'Namespace')).toMatchObject([{ metadata: { name: namespace } }])
  })

  it.each(['test/manifests/elsewhere', 'manifests/overlays/namespaced'])(
    'of %s shows the API server a certificate for the service that it calls, and has its lease at home',
    async (folder) => {
      const deployment = deploymentIn(await build(folder))
      const home = deployment.metadata.namespace
      const { webhook, lease } = settingsOf(deployment)
      expect(webhook?.hosts).toEqual([`galaxy-controller.${home}.svc`])
      expect(lease.key.namespace).toBe(home)
    },
  )

  it('has the engine versions for all games at home, too, where games are in one namespace only', async () => {
    const deployment = deploymentIn(await build('manifests/overlays/namespaced'))
    expect(settingsOf(deployment).policy.engineVersionNamespace).toBe(deployment.metadata.namespace)
  })
})

describe('the budget of the controller', () => {
  const budgetIn = async (folder: string) => (await build(folder)).filter(({ kind }) => kind === 'PodDisruptionBudget')

  it('lets a drain take one of its replicas, and the other one after that', async () => {
    const selector = { matchLabels: { 'app.kubernetes.io/name': 'galaxy-controller' } }
    expect(await budgetIn('test/manifests/budget')).toMatchObject([
      { apiVersion: 'policy/v1', metadata: { namespace: 'game-control' }, spec: { maxUnavailable: 1, selector } },
    ])
  })

  it('is no part of what every server from 1.20 on can take', async () => {
    expect(await budgetIn('manifests/base')).toEqual([])
  })
})
