import { type Clock, sleep } from '../../../platform/clock.ts'
import { canonicalJson } from '../../../platform/json.ts'
import type { KubeConfig } from '../../../platform/kubernetes/client.ts'
import { HostError, type PullAccess, type Pulled } from '../port.ts'
import { createFetcher, type Fetching } from './fetching.ts'
import { engineContainer, type PodOptions } from './pod-object.ts'
import { imageDigestOf, schedulingMs, stateOf } from './reading.ts'
import type { View } from './view.ts'

export type PullNeeds = {
  config: KubeConfig
  view: View
  /** Where the Pods run that fetch images which everybody may have. */
  commonNamespace: string
  podOptions: PodOptions
  clock: Clock
  /** What waits are measured by. */
  steady: Clock
  timeoutMs: number
}

/** What is known is asked again after so long; an image that cannot be had costs no more Pods than one in so long. */
const rememberMs = { digest: 3_600_000, failure: 10_000 }
const lookMs = 250

type Question = { answer: Promise<string>; fetching: Fetching; askedAt: number; until: number }

/** Finds out what an image is. A node knows that once it has the image: a Pod makes one fetch it. */
export function createPuller({ commonNamespace, ...needs }: PullNeeds) {
  const { view, steady } = needs
  const fetchImage = createFetcher(needs)
  const common: PullAccess = { namespace: commonNamespace, secrets: [] }
  const asked = new Map<string, Question>()

  return { pull, whyUnfetched }

  function commonFor({ placement }: PullAccess): PullAccess {
    return { ...common, placement }
  }

  /** Whoever asks is not held up by a Pod that finds no node: it goes on to look for one, and its answer is kept. */
  async function pull(image: string, signal: AbortSignal, access: PullAccess = common): Promise<Pulled> {
    const over = new AbortController()
    const found = withAccess(image, access).then((imageDigest) => ({ imageDigest }))
    try {
      return await Promise.race([found, unfetched(image, access, AbortSignal.any([signal, over.signal]))])
    } catch (error) {
      const unschedulable = whyUnfetched(image, access)
      if (unschedulable === undefined) throw error
      return { unschedulable }
    } finally {
      over.abort()
    }
  }

  /** Whoever does not want to wait any longer need not; the others still do. */
  async function unfetched(image: string, access: PullAccess, given: AbortSignal): Promise<Pulled> {
    while (!given.aborted) {
      const unschedulable = whyUnfetched(image, access)
      if (unschedulable !== undefined) return { unschedulable }
      await sleep(lookMs, given)
    }
    throw new HostError('HostUnavailable', 'the pull was given up')
  }

  function whyUnfetched(image: string, access: PullAccess): string | undefined {
    const now = steady.now().getTime()
    for (const each of access.secrets.length > 0 ? [access] : [commonFor(access), access]) {
      const question = asked.get(keyOf(image, each))
      if (!question || question.until <= now) continue
      const why = question.fetching.whyNot()
      if (why === undefined) continue
      question.fetching.want()
      // A scheduler's first word is not always its last; of a node that refused it, there is no other.
      if (question.until < Infinity || now - question.askedAt >= schedulingMs) return why
    }
    return undefined
  }

  /** Once for all games of the same machines where everybody may have it; the namespace of a game may have secrets of its own without naming them. */
  async function withAccess(image: string, access: PullAccess): Promise<string> {
    if (access.secrets.length > 0) return shared(image, access)
    return shared(image, commonFor(access)).catch((error: unknown) => {
      const isRefused = error instanceof HostError && error.failure === 'ImageUnavailable'
      if (isRefused && access.namespace !== common.namespace) return shared(image, access)
      throw error
    })
  }

  /** Thousands of games of one image ask once. */
  function shared(image: string, access: PullAccess): Promise<string> {
    const now = steady.now().getTime()
    for (const [each, { until }] of asked) if (until <= now) asked.delete(each)
    const key = keyOf(image, access)
    const known = asked.get(key)
    if (known) {
      known.fetching.want()
      return known.answer
    }
    const fetching = fetchImage(image, access)
    const question = { answer: seen(image) ?? fetching.digest(), fetching, askedAt: now, until: Infinity }
    asked.set(key, question)
    const remember = (ms: number) => () => (question.until = steady.now().getTime() + ms)
    question.answer.then(remember(rememberMs.digest), remember(rememberMs.failure))
    return question.answer
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
}

function keyOf(image: string, access: PullAccess): string {
  return canonicalJson([image, access])
}
