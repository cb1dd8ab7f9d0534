import type { KubeConfig } from '../../../platform/kubernetes/client.ts'
import {
  keyText,
  type KubernetesObject,
  type ObjectKey,
  type ResourceKind,
} from '../../../platform/kubernetes/objects.ts'
import { createScopedInformer } from '../../../platform/kubernetes/scoped-informer.ts'
import type { Log } from '../../../platform/log.ts'
import { type GameRef, HostError } from '../port.ts'
import type { Held } from './drift.ts'
import {
  type Claim,
  claimKind,
  type NetworkPolicy,
  type Pod,
  podKind,
  policyKind,
  type Service,
  serviceKind,
} from './kinds.ts'
import { objectKey, ours, wallName } from './names.ts'
import { gameOf, startProblem, stateOf, whyAway, whyUnschedulable } from './reading.ts'

export type View = ReturnType<typeof createView>

export type ViewOptions = {
  config: KubeConfig
  /** All namespaces when absent. */
  namespaces: readonly string[] | undefined
  /** A namespace that refuses for so long is gone on without. */
  refusedMs?: number
  log: Log
}

const syncMs = 10_000

/**
 * What the cluster holds of ours, followed by watches from the first time that somebody asks whether it is `synced`: a
 * replica that only stands by need not be told of every Pod. The objects of one game have one name, whatever their kind.
 */
export function createView({ config, namespaces, refusedMs, log }: ViewOptions) {
  const listeners = new Set<(game: GameRef) => void>()
  const waiting = new Map<string, Set<() => void>>()
  let closed = false
  let started = false
  const pods = follow<Pod>(podKind, podChanged)
  const services = follow<Service>(serviceKind, serviceChanged)
  const policies = follow<NetworkPolicy>(policyKind, policyChanged)
  const claims = follow<Claim>(claimKind, claimChanged)
  const all = [pods, services, policies, claims]

  return {
    synced,
    covers,
    pod: (key: ObjectKey) => pods.get(key),
    policy: (namespace: string) => policies.get({ namespace, name: wallName }),
    claim: (key: ObjectKey) => claims.get(key),
    held,
    pods: () => pods.list(),
    services: () => services.list(),
    /** Puts the answer of an own write into the cache at once. */
    written: {
      pod: pods.written,
      service: services.written,
      policy: policies.written,
      claim: claims.written,
    },
    until,
    listen,
    [Symbol.asyncDispose]: async () => {
      closed = true
      listeners.clear()
      for (const checks of waiting.values()) for (const check of checks) check()
      await Promise.all(all.map((each) => each[Symbol.asyncDispose]()))
    },
  }

  function follow<T extends KubernetesObject>(
    kind: ResourceKind<T>,
    onChange: (before: T | undefined, after: T | undefined) => void,
  ) {
    return createScopedInformer<T>({
      config,
      kind,
      namespaces,
      labelSelector: ours,
      log,
      ...(refusedMs === undefined ? {} : { refusedMs }),
      onChange: (key, { before, after }) => {
        for (const check of waiting.get(keyText(key)) ?? []) check()
        onChange(before, after)
      },
    })
  }

  function covers(namespace: string): boolean {
    return namespaces?.includes(namespace) ?? true
  }

  /** @throws HostError HostUnavailable while the API server has not told what there is, or does not tell it of this namespace */
  async function synced(namespace?: string): Promise<void> {
    if (!started) for (const informer of all) informer.start()
    started = true
    await everywhere()
    if (namespace === undefined || !covers(namespace) || all.every((each) => each.knows(namespace))) return
    throw new HostError('HostUnavailable', `the API server does not tell what runs in namespace ${namespace}`)
  }

  async function everywhere(): Promise<void> {
    if (all.every((each) => each.hasSynced())) return
    try {
      const late = AbortSignal.timeout(syncMs)
      await Promise.all(all.map((each) => each.synced(late)))
    } catch (error) {
      throw new HostError('HostUnavailable', 'the API server has not yet told what runs', { cause: error })
    }
  }

  function held(game: GameRef): Held {
    const key = objectKey(game)
    return {
      pod: pods.get(key),
      service: services.get(key),
    }
  }

  /**
   * What `look` finds, looked for again whenever an object of this name changes; undefined when it finds nothing in time.
   * @throws what `look` throws, and HostError HostUnavailable when the view is closed or `signal` fires
   */
  function until<T>(
    key: ObjectKey,
    look: () => T | undefined,
    withinMs: number,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>()
    const check = () => {
      try {
        if (closed) throw new HostError('HostUnavailable', 'the controller is stopping')
        if (signal?.aborted) throw new HostError('HostUnavailable', 'waiting for it was given up')
        const found = look()
        if (found !== undefined) resolve(found)
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    const checks = waiting.get(keyText(key)) ?? new Set()
    waiting.set(keyText(key), checks.add(check))
    const timer = setTimeout(() => resolve(undefined), withinMs)
    signal?.addEventListener('abort', check, { once: true })
    check()
    return promise.finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', check)
      checks.delete(check)
      if (checks.size === 0 && waiting.get(keyText(key)) === checks) waiting.delete(keyText(key))
    })
  }

  function listen(onChange: (game: GameRef) => void): Disposable {
    // Wrapped, so that one function may listen twice.
    const listener = (game: GameRef) => onChange(game)
    listeners.add(listener)
    return { [Symbol.dispose]: () => listeners.delete(listener) }
  }

  function tell(game: GameRef | undefined): void {
    if (game) for (const listener of listeners) listener(game)
  }

  /** Every change of a Pod's labels and state, but not of all the conditions in between. */
  function podChanged(before: Pod | undefined, after: Pod | undefined): void {
    const pod = after ?? before
    if (pod && (before === undefined || after === undefined || differs(before, after))) tell(gameOf(pod))
  }

  /** Only what may need repair: our own writes are many, and nobody needs to be told of them. */
  function serviceChanged(before: Service | undefined, after: Service | undefined): void {
    if (before) tell(gameOf(after ?? before))
  }

  /** It walls off all engines of its namespace: whoever looks after one of them looks after it, too. */
  function policyChanged(before: NetworkPolicy | undefined): void {
    if (before?.metadata.name !== wallName) return
    const { namespace } = before.metadata
    const engines = pods.list()
    const engine = engines.find((pod) => pod.metadata.namespace === namespace && stateOf(pod) === 'running')
    if (engine) tell(gameOf(engine))
  }

  /** A claim outlives its Game and so is nobody's; the Service of its name tells whose data it holds. */
  function claimChanged(before: Claim | undefined, after: Claim | undefined): void {
    if (!before || (after && !becameOther(before, after))) return
    const { namespace, name } = before.metadata
    const service = services.get({ namespace, name })
    if (service) tell(gameOf(service))
  }
}

function differs(before: Pod, after: Pod): boolean {
  const seen = ({ metadata, ...rest }: Pod) => {
    const pod = { metadata, ...rest }
    return JSON.stringify([
      stateOf(pod),
      whyAway(pod),
      whyUnschedulable(pod),
      startProblem(pod)?.failure,
      metadata.labels,
      metadata.annotations,
      metadata.ownerReferences,
      metadata.deletionTimestamp,
    ])
  }
  return seen(before) !== seen(after)
}

function becameOther(before: Claim, after: Claim): boolean {
  const seen = ({ metadata, spec }: Claim) => JSON.stringify([metadata.uid, metadata.deletionTimestamp, spec])
  return seen(before) !== seen(after)
}
