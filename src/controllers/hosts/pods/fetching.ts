import type { Clock } from '../../../platform/clock.ts'
import { createResourceClient, type KubeConfig } from '../../../platform/kubernetes/client.ts'
import { failedWith } from '../../../platform/kubernetes/errors.ts'
import { keyOf, keyText } from '../../../platform/kubernetes/objects.ts'
import { imageProblem } from '../image-problem.ts'
import { HostError, type PullAccess } from '../port.ts'
import { type Pod, podKind } from './kinds.ts'
import { fieldManager, labels, pullName } from './names.ts'
import { type PodOptions, pullPod } from './pod-object.ts'
import { imageDigestOf, startProblem, stateOf, waitsFor, whyTurnedAway, whyUnschedulable } from './reading.ts'
import type { View } from './view.ts'

export type FetchingNeeds = {
  config: KubeConfig
  view: View
  podOptions: PodOptions
  clock: Clock
  steady: Clock
  timeoutMs: number
}

/** An image that a Pod makes a node fetch. */
export type Fetching = {
  digest: () => Promise<string>
  /** Why no node fetches it now; that is no failure of the image. */
  whyNot: () => string | undefined
  /** A Pod that finds no node is kept while somebody wants it. */
  want: () => void
}

const rounds = 3
/** Whoever wants it says so more often. */
const unwantedMs = 120_000
const lookMs = 10_000

/** Makes nodes fetch images. Another controller may use the same Pods, and remove them when it knows enough. */
export function createFetcher({ config, view, podOptions, clock, steady, timeoutMs }: FetchingNeeds) {
  const pods = createResourceClient(config, podKind)
  const inUse = new Set<string>()
  const nowMs = () => steady.now().getTime()

  return function fetchImage(image: string, access: PullAccess): Fetching {
    const { namespace } = access
    const key = { namespace, name: pullName(image, access) }
    let wantedMs = nowMs()
    let turnedAway: string | undefined
    return { digest, whyNot, want: () => void (wantedMs = nowMs()) }

    async function digest(): Promise<string> {
      await view.synced()
      inUse.add(keyText(key))
      try {
        await removeForgotten()
        for (let round = 1; round <= rounds; round += 1) {
          const found = await fetchOnce()
          if (found !== 'gone') return found
        }
        throw new HostError('HostUnavailable', `the Pod that fetches ${image} is removed again and again`)
      } finally {
        inUse.delete(keyText(key))
      }
    }

    function whyNot(): string | undefined {
      const pod = inUse.has(keyText(key)) ? view.pod(key) : undefined
      return turnedAway ?? (pod && whyUnschedulable(pod))
    }

    async function fetchOnce(): Promise<string> {
      const wanted = pullPod(image, podOptions, access)
      const pod = await pods.create(wanted, { namespace, fieldManager }).catch((error: unknown) => {
        if (failedWith(error, 'AlreadyExists')) return pods.get(key)
        throw error
      })
      if (!pod) return 'gone'
      view.written.pod(pod)
      const { uid } = pod.metadata
      try {
        return await fetchedBy(uid)
      } catch (error) {
        const last = ownPod(uid)
        turnedAway = last && whyTurnedAway(last)
        throw error
      } finally {
        await pods.remove(key, { uid, graceSeconds: 0 }).catch(() => undefined)
      }
    }

    /** What the image is. Its time runs while a node has the Pod: there may be none for days. */
    async function fetchedBy(uid: string): Promise<string> {
      const look = () => {
        const pod = ownPod(uid)
        return pod ? digestOf(pod) : 'gone'
      }
      for (let beganMs = nowMs(); ;) {
        const found = await view.until(key, look, Math.min(lookMs, timeoutMs))
        if (found !== undefined) return found
        const pod = ownPod(uid)
        const unschedulable = pod && whyUnschedulable(pod)
        if (unschedulable === undefined && nowMs() - beganMs >= timeoutMs) {
          const why = `not there within ${timeoutMs} ms (timeout): ${pod ? waitsFor(pod) : 'no Pod'}`
          throw new HostError('ImageUnavailable', imageProblem(image, why, 'pods'))
        }
        if (unschedulable === undefined) continue
        if (nowMs() - wantedMs >= unwantedMs) throw new HostError('HostUnavailable', unschedulable)
        beganMs = nowMs()
      }
    }

    function ownPod(uid: string): Pod | undefined {
      const pod = view.pod(key)
      return pod?.metadata.uid === uid ? pod : undefined
    }
  }

  /** Those of a controller that died, for images that nobody asks for any more. */
  async function removeForgotten(): Promise<void> {
    const beforeMs = clock.now().getTime() - 2 * timeoutMs
    const forgotten = view.pods().filter((pod) => {
      const { labels: has, creationTimestamp } = pod.metadata
      const isOld = Date.parse(creationTimestamp) < beforeMs
      return has[labels.component] === 'pull' && isOld && !inUse.has(keyText(keyOf(pod)))
    })
    const removed = forgotten.map((pod) => pods.remove(keyOf(pod), { uid: pod.metadata.uid, graceSeconds: 0 }))
    await Promise.allSettled(removed)
  }
}

/** What the node says the image is; undefined while it says nothing. */
function digestOf(pod: Pod): string | undefined {
  const digest = imageDigestOf(pod)
  if (digest) return digest
  const problem = startProblem(pod)
  if (problem?.failure === 'ImageUnavailable') throw new HostError(problem.failure, problem.message)
  const turnedAway = whyTurnedAway(pod)
  // The node's doing, not the image's.
  if (turnedAway !== undefined) throw new HostError('HostUnavailable', turnedAway)
  if (stateOf(pod) === 'exited') throw new HostError('ImageUnavailable', `its Pod ended: ${waitsFor(pod)}`)
  return undefined
}
