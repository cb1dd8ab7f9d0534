import { z } from 'zod'
import { createResourceClient, type KubeConfig } from '../../../platform/kubernetes/client.ts'
import { ObjectMeta, type ResourceKind } from '../../../platform/kubernetes/objects.ts'
import { callApi } from '../../../platform/kubernetes/transport.ts'
import { fieldManager, labels, managedBy } from './names.ts'

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

/**
 * One budget for each namespace with games: it lets no engine be evicted that says it is not safe to. Whether it is, is
 * a label of its Pod, so that a turn costs one write and not the making and removing of a budget.
 */
export function createBudgets(config: KubeConfig) {
  const ensured = new Map<string, Promise<void>>()
  let kind: Promise<ResourceKind<Budget>> | undefined

  return { ensure }

  function ensure(namespace: string): Promise<void> {
    const known = ensured.get(namespace)
    if (known) return known
    const ensuring = apply(namespace)
    ensured.set(namespace, ensuring)
    ensuring.catch(() => ensured.delete(namespace))
    return ensuring
  }

  async function apply(namespace: string): Promise<void> {
    kind ??= servedKind()
    kind.catch(() => (kind = undefined))
    const client = createResourceClient(config, await kind)
    await client.apply(engineBudget(), { namespace, fieldManager, force: true })
  }

  /** policy/v1 came with Kubernetes 1.21, and v1beta1 went with 1.25. */
  async function servedKind(): Promise<ResourceKind<Budget>> {
    const group = Group.parse(await callApi(config, { method: 'GET', path: '/apis/policy' }, deadlineMs))
    return budgetKind(group.versions.some(({ version }) => version === 'v1') ? 'v1' : 'v1beta1')
  }
}

export function engineBudget() {
  return {
    metadata: { name, labels: { [labels.managedBy]: managedBy } },
    spec: {
      // A share would need an owner with a scale; so many are never there, so not one may go.
      minAvailable: 2 ** 31 - 1,
      selector: { matchLabels: { [labels.managedBy]: managedBy, [labels.safeToEvict]: 'false' } },
    },
  }
}
