import type { ResourceClient } from '../../../platform/kubernetes/client.ts'
import { failedWith } from '../../../platform/kubernetes/errors.ts'
import { canonicalJson, type JsonObject } from '../../../platform/json.ts'
import type { NetworkPolicy } from './kinds.ts'
import { fieldManager, labels, managedBy, wallName } from './names.ts'
import { enginePort } from './pod-object.ts'
import type { View } from './view.ts'

export type Walls = ReturnType<typeof createWalls>

export type WallsNeeds = {
  policies: Pick<ResourceClient<NetworkPolicy>, 'create' | 'get' | 'replace' | 'remove'>
  view: Pick<View, 'policy' | 'until' | 'written'>
}

const goneMs = 10_000

/** The label of the namespace that the platform runs in, and of its Pods: who may call engines. */
const platformNamespaceLabel = 'galaxy.dev/platform'
const platformPodLabel = 'app.kubernetes.io/part-of'

/**
 * One NetworkPolicy for each namespace with games: all its engines are walled off alike, and ten thousand games need no
 * ten thousand policies that every node has to work through.
 */
export function createWalls({ policies, view }: WallsNeeds) {
  const mending = new Map<string, Promise<void>>()
  const going = new Map<string, Promise<void>>()
  const building = new Map<string, number>()

  return { around, ensure, release }

  /** The wall stands from before `build` begins, and is not taken down before that has made what shows it to be needed. */
  async function around<T>(namespace: string, build: () => Promise<T>): Promise<T> {
    building.set(namespace, (building.get(namespace) ?? 0) + 1)
    try {
      await ensure(namespace)
      return await build()
    } finally {
      const others = (building.get(namespace) ?? 1) - 1
      if (others > 0) building.set(namespace, others)
      else building.delete(namespace)
    }
  }

  /** Returns once the wall stands as it should: a cached one that does costs nothing. */
  async function ensure(namespace: string): Promise<void> {
    await going.get(namespace)?.catch(() => undefined)
    const policy = view.policy(namespace)
    if (policy && isWhole(policy)) return
    const known = mending.get(namespace)
    if (known) return known
    const mended = mend(namespace, policy).finally(() => mending.delete(namespace))
    mending.set(namespace, mended)
    return mended
  }

  /** Where no game is left there is nothing to wall off. A start that comes now waits, and builds it anew. */
  async function release(namespace: string): Promise<void> {
    const policy = view.policy(namespace)
    if (!policy || building.has(namespace)) return
    const known = going.get(namespace)
    if (known) return known
    const gone = takeDown(policy).finally(() => going.delete(namespace))
    going.set(namespace, gone)
    return gone
  }

  async function takeDown({ metadata: { namespace, uid } }: NetworkPolicy): Promise<void> {
    const key = { namespace, name: wallName }
    await policies.remove(key, { uid })
    await view.until(key, () => (view.policy(namespace)?.metadata.uid === uid ? undefined : true), goneMs)
  }

  /** Replaced as a whole: applied, it would keep what others have allowed besides. */
  async function mend(namespace: string, before: NetworkPolicy | undefined): Promise<void> {
    const policy = before
      ? await policies.replace(asItShouldBe(before), { fieldManager })
      : await policies.create(enginesPolicy(), { namespace, fieldManager }).catch((error: unknown) => {
          // Made just now by another, or one whose label somebody has taken away.
          if (failedWith(error, 'AlreadyExists')) return replaceFound(namespace)
          throw error
        })
    if (policy) view.written.policy(policy)
  }

  async function replaceFound(namespace: string): Promise<NetworkPolicy | undefined> {
    const found = await policies.get({ namespace, name: wallName })
    return found && policies.replace(asItShouldBe(found), { fieldManager })
  }
}

export function enginesPolicy() {
  return {
    metadata: { name: wallName, labels: { [labels.managedBy]: managedBy } },
    spec: {
      podSelector: { matchExpressions: [{ key: labels.gameUid, operator: 'Exists' }] },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { [platformNamespaceLabel]: 'true' } },
              podSelector: { matchLabels: { [platformPodLabel]: 'galaxy' } },
            },
          ],
          ports: [{ protocol: 'TCP', port: enginePort }],
        },
      ],
    } satisfies JsonObject,
  }
}

const wantedSpec = canonicalJson(enginesPolicy().spec)

/** A wall with one more gate is no wall: nothing may be there besides. */
export function isWhole({ metadata, spec }: NetworkPolicy): boolean {
  return metadata.labels[labels.managedBy] === managedBy && canonicalJson(spec) === wantedSpec
}

function asItShouldBe(policy: NetworkPolicy): NetworkPolicy {
  const { metadata } = policy
  const { labels: wanted } = enginesPolicy().metadata
  return { ...policy, metadata: { ...metadata, labels: { ...metadata.labels, ...wanted } }, spec: enginesPolicy().spec }
}
