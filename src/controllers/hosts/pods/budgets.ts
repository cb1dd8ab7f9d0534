import { z } from 'zod'
import type { Clock } from '../../../platform/clock.ts'
import { createResourceClient, type KubeConfig, type ResourceClient } from '../../../platform/kubernetes/client.ts'
import { ObjectMeta, type ResourceKind } from '../../../platform/kubernetes/objects.ts'
import { callApi } from '../../../platform/kubernetes/transport.ts'
import { annotations, fieldManager, labels, managedBy } from './names.ts'

export type Budgets = ReturnType<typeof createBudgets>

const Budget = z.object({
  apiVersion: z.string(),
  kind: z.literal('PodDisruptionBudget'),
  metadata: z.object(ObjectMeta.shape),
})
type Budget = z.infer<typeof Budget>

const Group = z.object({ versions: z.array(z.object({ version: z.string() })) })
const deadlineMs = 10_000
const name = 'galaxy-engines-in-turn'

export function budgetKind(version: 'v1' | 'v1beta1'): ResourceKind<Budget> {
  const plural = 'poddisruptionbudgets'
  return { group: 'policy', version, plural, kind: 'PodDisruptionBudget', namespaced: true, schema: Budget }
}

export type BudgetNeeds = {
  budgets: () => Promise<Pick<ResourceClient<Budget>, 'apply' | 'patch'>>
  /** Whether an engine of this namespace may not be evicted now. */
  isInTurn: (namespace: string) => boolean
  clock: Clock
  /** What waits are measured by. */
  steady: Clock
}

/** How long one that was put up is known to stand, and when it is seen whether it is still needed: well after that. */
const knownMs = 60_000
const restMs = 2 * knownMs

/**
 * One budget for each namespace with games: while a turn runs, it lets no engine be evicted that says it is not safe to.
 * Whether it is, is a label of its Pod, so that a turn costs one write and not the making and removing of a budget. At
 * rest it asks for nothing, so that nobody who watches budgets takes it for one that is not met.
 */
export function createBudgets({ budgets, isInTurn, clock, steady }: BudgetNeeds) {
  const raised = new Map<string, { atMs: number; done: Promise<Budget> }>()
  const seen = new Set<string>()
  const timers = new Set<NodeJS.Timeout>()

  return {
    hold,
    settle,
    [Symbol.dispose]: () => timers.forEach((timer) => clearTimeout(timer)),
  }

  /** Returns once no engine of the namespace that is in a turn can be evicted. One that somebody deletes comes back. */
  async function hold(namespace: string): Promise<void> {
    const nowMs = steady.now().getTime()
    const known = raised.get(namespace)
    if (known && nowMs - known.atMs < knownMs) return void (await known.done)
    seen.add(namespace)
    const entry = { atMs: nowMs, done: raise(namespace) }
    raised.set(namespace, entry)
    try {
      const budget = await entry.done
      later(() => rest(namespace, budget))
    } catch (error) {
      if (raised.get(namespace) === entry) raised.delete(namespace)
      throw error
    }
  }

  /** What a controller before us has left may ask for something for ever: once for each namespace. */
  function settle(namespace: string): void {
    if (!seen.has(namespace)) hold(namespace).catch(() => seen.delete(namespace))
  }

  /** The moment makes it another version, so that nobody who has just seen no turn can take it down again. */
  async function raise(namespace: string): Promise<Budget> {
    const budget = engineBudget(clock.now().toISOString())
    return (await budgets()).apply(budget, { namespace, fieldManager, force: true })
  }

  async function rest(namespace: string, { metadata: { uid, resourceVersion } }: Budget): Promise<void> {
    const { atMs = 0 } = raised.get(namespace) ?? {}
    if (steady.now().getTime() - atMs < restMs) return
    if (isInTurn(namespace)) return hold(namespace)
    raised.delete(namespace)
    const change = { metadata: { uid, resourceVersion }, spec: { minAvailable: 0 } }
    await (await budgets()).patch({ namespace, name }, change, { fieldManager })
  }

  /** One that could not be taken down is so after the next turn. */
  function later(work: () => Promise<void>): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      work().catch(() => undefined)
    }, restMs)
    timers.add(timer.unref())
  }
}

/** Budgets as the cluster serves them: policy/v1 came with Kubernetes 1.21, and v1beta1 went with 1.25. */
export function budgetsOf(config: KubeConfig): BudgetNeeds['budgets'] {
  let client: Promise<ResourceClient<Budget>> | undefined
  return () => {
    client ??= served()
    client.catch(() => (client = undefined))
    return client
  }

  async function served(): Promise<ResourceClient<Budget>> {
    const group = Group.parse(await callApi(config, { method: 'GET', path: '/apis/policy' }, deadlineMs))
    const isV1 = group.versions.some(({ version }) => version === 'v1')
    return createResourceClient(config, budgetKind(isV1 ? 'v1' : 'v1beta1'))
  }
}

export function engineBudget(raisedAt: string) {
  return {
    metadata: { name, labels: { [labels.managedBy]: managedBy }, annotations: { [annotations.raisedAt]: raisedAt } },
    spec: {
      // A share would need an owner with a scale; so many are never there, so not one may go.
      minAvailable: 2 ** 31 - 1,
      selector: { matchLabels: { [labels.managedBy]: managedBy, [labels.safeToEvict]: 'false' } },
    },
  }
}
