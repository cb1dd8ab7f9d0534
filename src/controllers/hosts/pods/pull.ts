import { createResourceClient, type KubeConfig } from '../../../platform/kubernetes/client.ts'
import { failedWith } from '../../../platform/kubernetes/errors.ts'
import { keyOf } from '../../../platform/kubernetes/objects.ts'
import { canonicalJson } from '../../../platform/json.ts'
import type { Clock } from '../../../platform/clock.ts'
import { HostError, type PullAccess } from '../port.ts'
import { podKind } from './kinds.ts'
import { fieldManager, labels, pullName } from './names.ts'
import { engineContainer, type PodOptions, pullPod } from './pod-object.ts'
import { imageDigestOf, startProblem, stateOf, waitsFor } from './reading.ts'
import type { View } from './view.ts'

export type PullNeeds = {
  config: KubeConfig
  view: View
  /** Where the Pods run that fetch images which everybody may have. */
  commonNamespace: string
  podOptions: PodOptions
  clock: Clock
  timeoutMs: number
}

/** What is known is asked again after so long; an image that cannot be had costs no more Pods than one in so long. */
const rememberMs = { digest: 3_600_000, failure: 10_000 }
const rounds = 3

/** Finds out what an image is. A node knows that once it has the image: a Pod makes one fetch it. */
export function createPuller({ config, view, commonNamespace, podOptions, clock, timeoutMs }: PullNeeds) {
  const pods = createResourceClient(config, podKind)
  const common: PullAccess = { namespace: commonNamespace, secrets: [] }
  const asked = new Map<string, { answer: Promise<string>; until: number }>()

  return async function pull(
    image: string,
    signal: AbortSignal,
    access: PullAccess = common,
  ): Promise<{ imageDigest: string }> {
    const named = /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1]
    const found = await unlessAborted(withAccess(image, access), signal)
    return { imageDigest: named ?? found }
  }

  /** Once for all games of the same machines where everybody may have it; the namespace of a game may have secrets of its own without naming them. */
  async function withAccess(image: string, access: PullAccess): Promise<string> {
    if (access.secrets.length > 0) return shared(image, access)
    return shared(image, { ...common, placement: access.placement }).catch((error: unknown) => {
      const isRefused = error instanceof HostError && error.failure === 'ImageUnavailable'
      if (isRefused && access.namespace !== common.namespace) return shared(image, access)
      throw error
    })
  }

  /** Thousands of games of one image ask once. */
  function shared(image: string, access: PullAccess): Promise<string> {
    const now = clock.now().getTime()
    for (const [each, { until }] of asked) if (until <= now) asked.delete(each)
    const question = canonicalJson([image, access])
    const known = asked.get(question)
    if (known) return known.answer
    const entry = { answer: seen(image) ?? fetched(image, access), until: Infinity }
    asked.set(question, entry)
    const remember = (ms: number) => () => (entry.until = clock.now().getTime() + ms)
    entry.answer.then(remember(rememberMs.digest), remember(rememberMs.failure))
    return entry.answer
  }

  /** An engine that runs tells what its image is, and costs nothing. */
  function seen(image: string): Promise<string> | undefined {
    for (const pod of view.pods()) {
      const same = pod.spec.containers.some((each) => each.name === engineContainer && each.image === image)
      const digest = same && stateOf(pod) === 'running' ? imageDigestOf(pod) : undefined
      if (digest) return Promise.resolve(digest)
    }
    return undefined
  }

  /** Another controller may use the same Pod, and remove it when it knows enough. */
  async function fetched(image: string, access: PullAccess): Promise<string> {
    await view.synced()
    await removeForgotten()
    for (let round = 1; round <= rounds; round += 1) {
      const digest = await fetchOnce(image, access)
      if (digest) return digest
    }
    throw new HostError('HostUnavailable', `the Pod that fetches ${image} is removed again and again`)
  }

  /** Those of a controller that died, for images that nobody asks for any more. */
  async function removeForgotten(): Promise<void> {
    const before = clock.now().getTime() - 2 * timeoutMs
    const forgotten = view.pods().filter(({ metadata }) => {
      return metadata.labels[labels.component] === 'pull' && Date.parse(metadata.creationTimestamp) < before
    })
    const removed = forgotten.map((pod) => pods.remove(keyOf(pod), { uid: pod.metadata.uid, graceSeconds: 0 }))
    await Promise.allSettled(removed)
  }

  async function fetchOnce(image: string, access: PullAccess): Promise<string | undefined> {
    const { namespace } = access
    const key = { namespace, name: pullName(image, access) }
    const pod = await pods
      .create(pullPod(image, podOptions, access), { namespace, fieldManager })
      .catch((error: unknown) => {
        if (failedWith(error, 'AlreadyExists')) return pods.get(key)
        throw error
      })
    if (!pod) return undefined
    view.written.pod(pod)
    const { uid } = pod.metadata
    const look = () => {
      const now = view.pod(key)
      if (now?.metadata.uid !== uid) return 'gone'
      const digest = imageDigestOf(now)
      if (digest) return { digest }
      const problem = startProblem(now)
      if (problem?.failure === 'ImageUnavailable') throw new HostError(problem.failure, problem.message)
      if (stateOf(now) === 'exited') throw new HostError('ImageUnavailable', `its Pod ended: ${waitsFor(now)}`)
      return undefined
    }
    try {
      const found = await view.until(key, look, timeoutMs)
      if (found === 'gone') return undefined
      if (found) return found.digest
      const now = view.pod(key)
      throw new HostError('ImageUnavailable', `not here within ${timeoutMs} ms: ${now ? waitsFor(now) : 'no Pod'}`)
    } finally {
      await pods.remove(key, { uid, graceSeconds: 0 }).catch(() => undefined)
    }
  }
}

/** Whoever does not want to wait any longer need not; the others still do. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(new HostError('HostUnavailable', 'the pull was given up'))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
