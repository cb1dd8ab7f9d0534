import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../../../platform/errors.ts'
import { createResourceClient, type KubeConfig, type ResourceClient } from '../../../platform/kubernetes/client.ts'
import { failedWith } from '../../../platform/kubernetes/errors.ts'
import type { KubernetesObject } from '../../../platform/kubernetes/objects.ts'
import { type DataVolume, type EngineInstance, type EngineSpec, type GameRef, HostError } from '../port.ts'
import type { Budgets } from './budgets.ts'
import { needsRepair } from './drift.ts'
import { type Claim, claimKind, type Pod, podKind, type Service, serviceKind } from './kinds.ts'
import { annotations, fieldManager, gameLabels, labels, objectKey } from './names.ts'
import { engineClaim, engineService, newEngineService } from './objects.ts'
import { ownerReference } from './pod-object.ts'
import { gameOf, writeStopped } from './reading.ts'
import type { View } from './view.ts'
import type { Walls } from './walls.ts'

export type Surroundings = ReturnType<typeof createSurroundings>

const goneMs = 30_000

export type SurroundingsNeeds = { config: KubeConfig; view: View; budgets: Pick<Budgets, 'settle'>; walls: Walls }

/** What an engine's Pod needs around it: the address, the wall, the data. */
export function createSurroundings({ config, view, budgets, walls }: SurroundingsNeeds) {
  const pods = createResourceClient(config, podKind)
  const services = createResourceClient(config, serviceKind)
  const claims = createResourceClient(config, claimKind)

  return { around, ensureAddress, repair, reclaim, noteStopped, forgetStopped, remove, data, growData, removeData }

  /** Makes an engine's Pod by `create`, on its own data and behind its wall: it must never run without either. */
  async function around<T>(spec: EngineSpec, signal: AbortSignal | undefined, create: () => Promise<T>): Promise<T> {
    const { game } = spec
    const { service } = view.held(game)
    if (service) refuseForeign(game, service)
    await ensureClaim(spec, signal)
    return walls.around(game.namespace, create)
  }

  /** After the Pod runs: whoever keeps a Service's list of addresses then writes it once, not at each step of the Pod. */
  async function ensureAddress(game: GameRef): Promise<void> {
    if (needsRepair(game, view.held(game)).includes('service')) await ensureService(game)
  }

  /** Puts right what somebody has edited or deleted behind our back. */
  async function repair(game: GameRef): Promise<void> {
    budgets.settle(game.namespace)
    await walls.ensure(game.namespace)
    const { pod } = view.held(game)
    for (const what of needsRepair(game, view.held(game))) {
      if (what === 'pod' && pod) await reclaim(game, pod)
      if (what === 'service') await ensureService(game)
    }
  }

  /** Gives it back the marks of the game that it belongs to. */
  async function reclaim(game: GameRef, { metadata: { uid, ownerReferences } }: Pod): Promise<Pod> {
    const others = ownerReferences.filter((owner) => owner.uid !== game.uid)
    const metadata = { uid, labels: gameLabels(game), ownerReferences: [...others, ownerReference(game)] }
    const pod = await pods.patch(objectKey(game), { metadata }, { fieldManager })
    view.written.pod(pod)
    return pod
  }

  /** Made where there is none, which costs the API server least; put right where there is one. */
  async function ensureService(game: GameRef): Promise<void> {
    const { namespace } = game
    const create = () => services.create(newEngineService(game), { namespace, fieldManager })
    const apply = () => services.apply(engineService(game), { namespace, fieldManager, force: true })
    const service = view.held(game).service
      ? await apply()
      : await create().catch((error: unknown) => {
          if (!failedWith(error, 'AlreadyExists')) throw error
          // Made just now by another start of the game, or one whose label somebody has taken away: in no cache.
          return services.get(objectKey(game)).then((found) => (found && isAsMade(game, found) ? found : apply()))
        })
    view.written.service(service)
  }

  function isAsMade(game: GameRef, service: Service): boolean {
    return !needsRepair(game, { pod: undefined, service }).includes('service')
  }

  async function ensureClaim(spec: EngineSpec, signal: AbortSignal | undefined): Promise<void> {
    const { game } = spec
    const { namespace } = game
    try {
      view.written.claim(await claims.create(engineClaim(spec), { namespace, fieldManager }))
    } catch (error) {
      if (!failedWith(error, 'AlreadyExists')) throw error
      const claim = await claims.get(objectKey(game))
      if (!claim) return ensureClaim(spec, signal)
      const keeps = claim.metadata.labels[labels.gameUid]
      if (keeps !== undefined && keeps !== game.uid) {
        const said = `PersistentVolumeClaim ${objectKey(game).name} keeps the state of an earlier game of this name (uid ${keeps})`
        throw new HostError('StartFailed', `${said}; remove it, or give the game another name`)
      }
      if (claim.metadata.deletionTimestamp === undefined) return
      await untilGone(game, claim, signal)
      return ensureClaim(spec, signal)
    }
  }

  /** Somebody has deleted it under the engine before; a Pod on what is going would never come up. */
  async function untilGone(game: GameRef, { metadata: { uid, name } }: Claim, signal?: AbortSignal): Promise<void> {
    const gone = () => (view.claim(objectKey(game))?.metadata.uid === uid ? undefined : true)
    if (await view.until(objectKey(game), gone, goneMs, signal)) return
    throw new HostError('StartFailed', `PersistentVolumeClaim ${name} is being removed, and something still uses it`)
  }

  function data(game: GameRef): DataVolume | undefined {
    const claim = ownClaim(game)
    return (
      claim && {
        size: claim.spec.resources.requests['storage'] ?? '0',
        isBeingRemoved: claim.metadata.deletionTimestamp !== undefined,
      }
    )
  }

  async function growData(game: GameRef, size: string): Promise<void> {
    const claim = ownClaim(game)
    if (!claim) return
    const { uid } = claim.metadata
    const change = { metadata: { uid }, spec: { resources: { requests: { storage: size } } } }
    const grown = await claims.patch(objectKey(game), change, { fieldManager }).catch((error: unknown) => {
      // That its storage class does not allow it is told as Forbidden.
      if (failedWith(error, 'Forbidden')) throw new HostError('StartFailed', messageOf(error), { cause: error })
      throw error
    })
    view.written.claim(grown)
  }

  /** One without our label is somebody's own, made for the game before it: it is used as if it were ours. */
  function ownClaim(game: GameRef): Claim | undefined {
    const claim = view.claim(objectKey(game))
    return claim?.metadata.labels[labels.gameUid] === game.uid ? claim : undefined
  }

  async function noteStopped(engine: EngineInstance): Promise<void> {
    const { game } = engine
    if (!view.held(game).service) await ensureService(game)
    const metadata = { annotations: { [annotations.stopped]: writeStopped(engine) } }
    view.written.service(await services.patch(objectKey(game), { metadata }, { fieldManager }))
  }

  /** Once another engine runs, what is missing is missing: nobody has asked for it to end. */
  async function forgetStopped(game: GameRef): Promise<void> {
    if (view.held(game).service?.metadata.annotations[annotations.stopped] === undefined) return
    const metadata = { annotations: { [annotations.stopped]: null } }
    view.written.service(await services.patch(objectKey(game), { metadata }, { fieldManager }))
  }

  async function remove(game: GameRef): Promise<void> {
    await removeOwn(services, game)
    const gone = () => {
      const { pod, service } = view.held(game)
      return [pod, service].some((each) => each && gameOf(each)?.uid === game.uid) ? undefined : true
    }
    if (!(await view.until(objectKey(game), gone, goneMs))) {
      throw new HostError('HostUnavailable', `${objectKey(game).name} is still being removed`)
    }
    const { namespace } = game
    const isEngines = (object: Pod | Service) => object.metadata.namespace === namespace && gameOf(object) !== undefined
    const isNeeded = view.services().some(isEngines) || view.pods().some(isEngines)
    if (!isNeeded) await walls.release(namespace)
  }

  async function removeOwn<T extends KubernetesObject>(client: ResourceClient<T>, game: GameRef): Promise<void> {
    const object = await client.get(objectKey(game))
    if (!object || gameOf(object)?.uid !== game.uid) return
    await client.remove(objectKey(game), { uid: object.metadata.uid })
  }

  async function removeData(game: GameRef): Promise<void> {
    for (let waitedMs = 0; waitedMs < goneMs; waitedMs += 250) {
      const claim = await claims.get(objectKey(game))
      if (!claim || claim.metadata.labels[labels.gameUid] !== game.uid) return
      if (claim.metadata.deletionTimestamp === undefined) {
        await refuseUsed(game)
        await claims.remove(objectKey(game), { uid: claim.metadata.uid })
      }
      await delay(waitedMs === 0 ? 20 : 250)
    }
    throw new HostError('HostUnavailable', `PersistentVolumeClaim ${objectKey(game).name} is still being removed`)
  }

  /** A Pod of this name has this volume, whoever's it says that it is. */
  async function refuseUsed(game: GameRef): Promise<void> {
    const pod = await pods.get(objectKey(game))
    if (!pod) return
    const said = `Pod ${pod.metadata.name} is still there and may use the data; remove it first`
    throw new HostError('HostUnavailable', said)
  }

  function refuseForeign(game: GameRef, object: Service): void {
    const owner = gameOf(object)
    if (owner === undefined || owner.uid === game.uid) return
    const said = `${object.kind} ${object.metadata.name} belongs to an earlier game of this name (uid ${owner.uid})`
    throw new HostError('StartFailed', said)
  }
}
