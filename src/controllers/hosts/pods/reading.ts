import { constants } from 'node:os'
import { z } from 'zod'
import { imageProblem } from '../image-problem.ts'
import type { EngineExit, EngineInstance, GameRef, HostFailure } from '../port.ts'
import type { Pod, PodContainerStatus, Service } from './kinds.ts'
import { annotations, labels, objectName } from './names.ts'
import { engineContainer, enginePort } from './pod-object.ts'

export type PodState = 'starting' | 'running' | 'exited'

/**
 * The Game that an object of ours belongs to. By the owner reference: labels are for people, who may edit them. Where the
 * cluster has taken that away (`kubectl delete --cascade=orphan`), by what the labels and the name say together.
 */
export function gameOf({ metadata }: Pick<Pod, 'metadata'>): GameRef | undefined {
  const { namespace, ownerReferences } = metadata
  const owner = ownerReferences.find(({ controller }) => controller === true)
  if (owner) return owner.kind === 'Game' ? { namespace, name: owner.name, uid: owner.uid } : undefined
  const name = metadata.annotations[annotations.game] ?? metadata.labels[labels.game]
  const uid = metadata.labels[labels.gameUid]
  if (name === undefined || uid === undefined || objectName(name) !== metadata.name) return undefined
  return { namespace, name, uid }
}

export function stateOf(pod: Pod): PodState {
  if (['Succeeded', 'Failed'].includes(pod.status.phase)) return 'exited'
  const { terminated, running } = statusOf(pod)?.state ?? {}
  if (terminated) return 'exited'
  return running ? 'running' : 'starting'
}

/**
 * Why nobody can tell whether the engine still runs: its node does not answer. The kubelet calls a Pod with a ready
 * container ready; only the node controller says otherwise.
 */
export function whyAway({ spec: { nodeName }, status }: Pod): string | undefined {
  const says = (type: string) => status.conditions.find((condition) => condition.type === type)?.status
  const isLost = status.phase === 'Unknown' || status.reason === 'NodeLost'
  if (!isLost && !(says('ContainersReady') === 'True' && says('Ready') === 'False')) return undefined
  const said = status.message ? `: ${status.message}` : ''
  return `node ${nodeName || '(unknown)'} does not answer${said}`
}

/**
 * Why its node would not have it: it refused the Pod before anything of it ran, evicted it, or was shut down. Only what is
 * the node's doing gives the Pod a reason; what its container does is told of the container.
 */
export function whyTurnedAway({ spec: { nodeName }, status }: Pod): string | undefined {
  const { phase, reason, message, containerStatuses } = status
  const hasRun = containerStatuses.some(({ state }) => state.running ?? state.terminated)
  if (phase !== 'Failed' || (reason === '' && hasRun)) return undefined
  return `node ${nodeName || '(unknown)'}: ${[reason, message].filter(Boolean).join(': ') || 'it gave no reason'}`
}

export function epochOf({ metadata }: Pod): number {
  const epoch = Number(metadata.annotations[annotations.epoch])
  return Number.isSafeInteger(epoch) ? epoch : 0
}

/** A Pod as an engine; undefined when it is none, or goes before it has been one. */
export function readEngine(pod: Pod, service: Service | undefined): EngineInstance | undefined {
  const game = gameOf(pod)
  const state = stateOf(pod)
  if (!game || (state === 'starting' && pod.metadata.deletionTimestamp !== undefined)) return undefined
  const known = {
    game,
    ref: refOf(pod.metadata),
    image: pod.spec.containers.find(({ name }) => name === engineContainer)?.image ?? '',
    epoch: epochOf(pod),
    specHash: pod.metadata.annotations[annotations.specHash] ?? '',
    startedAt: startedAt(pod),
    imageDigest: imageDigestOf(pod),
  }
  if (state === 'starting') {
    return { ...known, state, unschedulable: whyUnschedulable(pod), preparing: whatPrepares(pod) }
  }
  if (state === 'running') {
    const safeToEvict = pod.metadata.labels[labels.safeToEvict] === 'true'
    return { ...known, state, endpoint: endpointOf(pod), safeToEvict, away: whyAway(pod) }
  }
  const requested = service !== undefined && readStopped(service)?.ref === known.ref
  return { ...known, state, exit: { ...exitOf(pod), requested } }
}

const Stopped = z.object({
  ref: z.string(),
  image: z.string(),
  epoch: z.int(),
  specHash: z.string(),
  startedAt: z.string(),
})

/** The engine that was ended on purpose, as its Service remembers it. */
export function readStopped(service: Service): EngineInstance | undefined {
  const game = gameOf(service)
  const text = service.metadata.annotations[annotations.stopped]
  const stopped = text === undefined ? undefined : Stopped.safeParse(parseJson(text)).data
  return game && stopped && { ...stopped, game, state: 'exited', exit: { requested: true } }
}

export function writeStopped({ ref, image, epoch, specHash, startedAt }: EngineInstance): string {
  return JSON.stringify({ ref, image, epoch, specHash, startedAt } satisfies z.infer<typeof Stopped>)
}

const imageReasons = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]
const hopelessReasons = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']

/** Why a Pod does not start and will not without being changed; undefined while there is hope. */
export function startProblem(pod: Pod): { failure: HostFailure; message: string } | undefined {
  const { reason = '', message = '' } = statusOf(pod)?.state.waiting ?? {}
  const said = message ? `${reason}: ${message}` : reason
  if (imageReasons.includes(reason)) {
    return { failure: 'ImageUnavailable', message: imageProblem(imageOf(pod), said, 'pods') }
  }
  return hopelessReasons.includes(reason) ? { failure: 'StartFailed', message: said } : undefined
}

/** Schedulers also say no for a moment: while a volume is being made, or before they have seen a new node. */
export const schedulingMs = 5000

/** Why the scheduler has found no node for it; it is looked for again whenever something changes that may help. */
export function whyUnschedulable({ status }: Pod): string | undefined {
  const scheduled = status.conditions.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status !== 'False') return undefined
  return scheduled.message || 'no node has been found for it'
}

/**
 * What a Pod that will start by itself waits for, in the cluster's words. A node says no more than that it creates the
 * container, whether it fetches the image, mounts the volume or is slow.
 */
function whatPrepares(pod: Pod): string | undefined {
  if (whyUnschedulable(pod) !== undefined || startProblem(pod)) return undefined
  const { nodeName } = pod.spec
  return `${nodeName === '' ? 'no node yet' : `node ${nodeName}`}: ${waitsFor(pod)}`
}

/** What a Pod that has not started waits for, in the cluster's words. */
export function waitsFor(pod: Pod): string {
  const { reason = '', message = '' } = statusOf(pod)?.state.waiting ?? {}
  const said = [reason, message].filter(Boolean).join(': ') || `its phase is ${pod.status.phase}`
  return whyUnschedulable(pod) ?? said
}

/** What a name says that the image is, or else the node: `docker://sha256:…`, `registry/name@sha256:…`. */
export function imageDigestOf({ spec, status }: Pod): string | undefined {
  const image = imageOf({ spec })
  const { imageID = '' } = statusOf({ status }) ?? {}
  return imageID === ''
    ? undefined
    : (/@(sha256:[0-9a-f]{64})$/.exec(image)?.[1] ?? /sha256:[0-9a-f]{64}/.exec(imageID)?.[0])
}

function imageOf({ spec }: Pick<Pod, 'spec'>): string {
  return spec.containers.find(({ name }) => name === engineContainer)?.image ?? ''
}

function statusOf({ status }: Pick<Pod, 'status'>): PodContainerStatus | undefined {
  return status.containerStatuses.find(({ name }) => name === engineContainer)
}

/** The uid tells the Pods of a game apart, which all have one name. */
function refOf({ name, uid }: Pod['metadata']): string {
  return `${name}/${uid}`
}

function startedAt(pod: Pod): string {
  const { running, terminated } = statusOf(pod)?.state ?? {}
  const scheduled = pod.status.conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'True')
  const began = terminated?.startedAt ?? running?.startedAt
  return began ?? scheduled?.lastTransitionTime ?? pod.metadata.creationTimestamp
}

/**
 * The Pod's own address, which is there as soon as it runs; that of its Service, the name for everybody else, leads to it
 * only once each node's proxy knows, a second or more later. Whoever holds an old one is told so by the engine that has
 * the address now, or finds nobody, and asks again.
 */
function endpointOf({ status: { podIP } }: Pod): string | undefined {
  return podIP === '' ? undefined : `http://${podIP.includes(':') ? `[${podIP}]` : podIP}:${enginePort}`
}

function exitOf(pod: Pod): Omit<EngineExit, 'requested'> {
  const turnedAway = whyTurnedAway(pod)
  if (turnedAway !== undefined) return { turnedAway }
  const { terminated } = statusOf(pod)?.state ?? {}
  if (!terminated) return {}
  const { exitCode, reason, message } = terminated
  const signal = signalOf(exitCode)
  const outOfMemory = reason === 'OOMKilled'
  const output = message.trim() || (outOfMemory || ['Error', 'Completed'].includes(reason) ? '' : reason)
  return {
    ...(signal ? { signal } : { code: exitCode }),
    ...(outOfMemory ? { outOfMemory } : {}),
    ...(output ? { output } : {}),
  }
}

/** A process that ended by a signal has the code 128 + its number, as in a shell. */
function signalOf(exitCode: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0]
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
