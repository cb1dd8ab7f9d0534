import type { JsonObject } from '../../../platform/json.ts'
import { createResourceClient, type KubeConfig } from '../../../platform/kubernetes/client.ts'
import { failedWith } from '../../../platform/kubernetes/errors.ts'
import { type EngineInstance, type EngineSpec, type GameRef, HostError } from '../port.ts'
import type { Budgets } from './budgets.ts'
import { type Pod, podKind } from './kinds.ts'
import { annotations, fieldManager, labels, objectKey } from './names.ts'
import { enginePod, type PodOptions } from './pod-object.ts'
import {
  epochOf,
  gameOf,
  readEngine,
  readStopped,
  schedulingMs,
  startProblem,
  stateOf,
  whyAway,
  whyUnschedulable,
} from './reading.ts'
import type { Surroundings } from './surroundings.ts'
import type { View } from './view.ts'

export type EngineNeeds = {
  config: KubeConfig
  view: View
  surroundings: Surroundings
  budgets: Pick<Budgets, 'hold'>
  /** Waits for the game's volume where that is of use. */
  volumeBound: (game: GameRef, signal?: AbortSignal) => Promise<void>
  podOptions: PodOptions
  /** Whoever starts an engine waits for so long; it then comes up without them. */
  startPatienceMs: number
}

/** Between what a Pod's grace allows and what a node under load takes to tell that it is over. */
const endMarginMs = 30_000
const removeGraceMs = 5000

/**
 * What is done to a game's engine. Its Pod has one name for all starts, so that the API server lets there be only one;
 * how an engine that was ended on purpose ended, its Service remembers.
 */
export function createEngines({
  config,
  view,
  surroundings,
  budgets,
  volumeBound,
  podOptions,
  startPatienceMs,
}: EngineNeeds) {
  const pods = createResourceClient(config, podKind)

  return { find, start, stop, remove, annotate }

  async function find(game: GameRef): Promise<EngineInstance | undefined> {
    const pod = await newest(game)
    if (pod && stateOf(pod) === 'running') await surroundings.repair(game)
    return engineOf(game, pod)
  }

  /** The game's Pod. Where the cache tells of none that runs, but one should, the API server is asked. */
  async function newest(game: GameRef): Promise<Pod | undefined> {
    const cached = ownPod(game)
    if (cached && (stateOf(cached) !== 'starting' || whyUnschedulable(cached) !== undefined)) return cached
    if (!cached && !isMissed(game)) return undefined
    const pod = await fetchPod(game)
    if (!pod || gameOf(pod)?.uid !== game.uid) return undefined
    return cached ? pod : surroundings.reclaim(game, pod)
  }

  async function start(spec: EngineSpec, signal?: AbortSignal): Promise<EngineInstance> {
    const { game } = spec
    const wanted = enginePod(spec, podOptions)
    refuseForeign(game)
    const before = await makeWay(spec)
    if (before) return before
    const pod = await surroundings.around(spec, signal, async () => {
      await volumeBound(game, signal)
      return create(spec, wanted)
    })
    const engine = await started(game, pod, signal)
    if (engine.state === 'running') await surroundings.ensureAddress(game)
    await surroundings.forgetStopped(game)
    return engine
  }

  async function create({ game, epoch }: EngineSpec, wanted: JsonObject): Promise<Pod> {
    const pod = await pods.create(wanted, { namespace: game.namespace, fieldManager }).catch((error: unknown) => {
      if (failedWith(error, 'AlreadyExists')) return fetchPod(game)
      throw error
    })
    if (!pod) throw new HostError('StartFailed', 'another Pod of this game has just gone; try again')
    // Before the cache knows it: no watch shows a stranger's, so nothing would ever tell that it is gone.
    refuseForeign(game, pod)
    view.written.pod(pod)
    if (epochOf(pod) === epoch) return pod
    throw new HostError('StartFailed', `an engine of epoch ${epochOf(pod)} is being started`)
  }

  /** Returns an engine that makes the start unnecessary; removes one that has ended or never came up. */
  async function makeWay({ game, epoch }: EngineSpec): Promise<EngineInstance | undefined> {
    const pod = ownPod(game)
    const known = engineOf(game, pod)
    if (known && known.epoch > epoch) {
      throw new HostError('StartFailed', `epoch ${epoch} is over: there was an engine of epoch ${known.epoch}`)
    }
    if (known?.epoch === epoch && known.state !== 'starting') return known
    if (!pod || epochOf(pod) === epoch) return undefined
    if (known?.state === 'running') throw new HostError('StartFailed', `engine ${known.ref} of this game still runs`)
    await end(game, pod)
    return undefined
  }

  /**
   * Waits until it runs, or is known to take long. That no node is found may last for days, and that its node fetches the
   * image for minutes: nobody is held up by that.
   */
  async function started(game: GameRef, { metadata: { uid } }: Pod, signal?: AbortSignal): Promise<EngineInstance> {
    const key = objectKey(game)
    const look = (mayWait: boolean) => () => {
      const pod = view.pod(key)
      if (pod?.metadata.uid !== uid) throw new HostError('StartFailed', 'its Pod was removed while it started')
      const problem = startProblem(pod)
      if (problem) throw new HostError(problem.failure, problem.message)
      const isComing = stateOf(pod) === 'starting' && (mayWait || whyUnschedulable(pod) === undefined)
      return isComing ? undefined : engineOf(game, pod)
    }
    try {
      const engine =
        (await view.until(key, look(true), Math.min(schedulingMs, startPatienceMs), signal)) ??
        (await view.until(key, look(false), Math.max(0, startPatienceMs - schedulingMs), signal)) ??
        engineOf(game, view.pod(key))
      if (engine) return engine
      throw new HostError('StartFailed', 'its Pod is being removed while it starts')
    } catch (error) {
      const pod = ownPod(game)
      // Given up, it is left for whoever decides next: that may be another controller, for which it is on its way.
      if (!signal?.aborted && pod?.metadata.uid === uid && stateOf(pod) === 'starting') await end(game, pod)
      throw error
    }
  }

  /** That it was asked for is written before it is done: whoever sees the end knows. */
  async function stop(game: GameRef, graceMs: number): Promise<void> {
    const pod = await newest(game)
    if (!pod || stateOf(pod) === 'exited') return
    const engine = engineOf(game, pod)
    if (engine) await surroundings.noteStopped(engine)
    await end(game, pod, graceMs)
  }

  async function remove(game: GameRef): Promise<void> {
    const pod = await fetchPod(game)
    if (pod && gameOf(pod)?.uid === game.uid) await end(game, pod, removeGraceMs)
    // What has ended and is still being cleaned up.
    const rest = ownPod(game)
    if (rest) await end(game, rest)
    await surroundings.remove(game)
  }

  /**
   * A Pod that has ended, or not come up yet, has nothing to save: no grace. One whose node is away is not forgotten
   * before the node has told that it is over: its engine may still write.
   */
  async function end(game: GameRef, pod: Pod, graceMs = 0): Promise<void> {
    const running = stateOf(pod) === 'running'
    const graceSeconds = running ? Math.max(1, Math.ceil(graceMs / 1000)) : 0
    const { uid } = pod.metadata
    const key = objectKey(game)
    const removed = await pods.remove(key, { uid, graceSeconds }).catch((error: unknown) => {
      if (failedWith(error, 'Conflict')) return false
      throw error
    })
    const over = () => {
      const now = view.pod(key)
      // Gone is what it must be for another one to come; to have ended is enough for who asked for that.
      return now?.metadata.uid !== uid || (running && stateOf(now) === 'exited') ? true : undefined
    }
    const withinMs = graceSeconds * 1000 + endMarginMs
    if (!(await view.until(key, over, withinMs)) && removed) {
      const away = whyAway(view.pod(key) ?? pod)
      const why = away === undefined ? '' : `: ${away}`
      throw new HostError('HostUnavailable', `Pod ${key.name} has not ended within ${withinMs} ms${why}`)
    }
  }

  /** Tells the cluster whether the engine may be moved now: its autoscaler by the annotation, evictions by the label. */
  async function annotate(game: GameRef, { safeToEvict }: { safeToEvict: boolean }): Promise<void> {
    const pod = ownPod(game)
    if (!pod) return
    if (!safeToEvict) await budgets.hold(game.namespace)
    const value = String(safeToEvict)
    const { uid } = pod.metadata
    const metadata = { uid, labels: { [labels.safeToEvict]: value }, annotations: { [annotations.safeToEvict]: value } }
    view.written.pod(await pods.patch(objectKey(game), { metadata }, { fieldManager }))
  }

  function ownPod(game: GameRef): Pod | undefined {
    const { pod } = view.held(game)
    return pod && gameOf(pod)?.uid === game.uid ? pod : undefined
  }

  function engineOf(game: GameRef, pod: Pod | undefined): EngineInstance | undefined {
    const { service } = view.held(game)
    const own = service && gameOf(service)?.uid === game.uid ? service : undefined
    return pod ? readEngine(pod, own) : own && readStopped(own)
  }

  /**
   * It has a Service, and nobody has asked for its engine to end: it was deleted, or its labels were taken away, so that
   * no watch shows it.
   */
  function isMissed(game: GameRef): boolean {
    const { service } = view.held(game)
    return service !== undefined && gameOf(service)?.uid === game.uid && readStopped(service) === undefined
  }

  function fetchPod(game: GameRef): Promise<Pod | undefined> {
    return pods.get(objectKey(game))
  }

  function refuseForeign(game: GameRef, pod = view.held(game).pod): void {
    const owner = pod && gameOf(pod)
    if (!pod || owner?.uid === game.uid) return
    const said = owner ? `to the game ${owner.name} with uid ${owner.uid}` : 'to no game'
    throw new HostError('StartFailed', `Pod ${pod.metadata.name} is there already and belongs ${said}`)
  }
}
