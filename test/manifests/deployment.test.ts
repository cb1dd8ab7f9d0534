import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readControllerSettings } from '../../src/controllers/index.ts'
import { build, type Item } from './build.ts'

const Variable = z.object({ name: z.string(), value: z.string().optional() })
const Deployment = z.object({
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

/** What its environment sets. */
function settingsOf({ spec }: z.infer<typeof Deployment>) {
  const { env } = spec.template.spec.containers[0]
  return readControllerSettings(Object.fromEntries(env.map(({ name, value }) => [name, value])))
}

describe('the Deployment of the controller', () => {
  let items: Item[]
  let deployment: z.infer<typeof Deployment>
  beforeAll(async () => {
    items = await build('manifests/base')
    deployment = Deployment.parse(items.find(({ kind }) => kind === 'Deployment'))
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

  it('has a class of priority that comes along with it', () => {
    const classes = items.filter(({ kind }) => kind === 'PriorityClass').map(({ metadata }) => metadata.name)
    expect(classes).toEqual([deployment.spec.template.spec.priorityClassName])
  })
})

describe('the budget of the controller', () => {
  const budgetIn = async (folder: string) => (await build(folder)).filter(({ kind }) => kind === 'PodDisruptionBudget')

  it('lets a drain take one of its replicas, and the other one after that', async () => {
    const selector = { matchLabels: { 'app.kubernetes.io/name': 'galaxy-controller' } }
    expect(await budgetIn('manifests/base')).toMatchObject([
      { apiVersion: 'policy/v1', spec: { maxUnavailable: 1, selector } },
    ])
  })

  it('is one that Kubernetes 1.20 knows, with the component for it', async () => {
    expect(await budgetIn('test/manifests/before-1.21')).toMatchObject([
      { apiVersion: 'policy/v1beta1', spec: { maxUnavailable: 1 } },
    ])
  })
})
