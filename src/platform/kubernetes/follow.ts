import type { ObjectCache, Unreadable } from './cache.ts'
import type { KubeConfig } from './config.ts'
import { KubernetesError } from './errors.ts'
import { listAll, positionNow } from './list.ts'
import type { KubernetesObject, ResourceKind } from './objects.ts'
import { identify, parseObject, problemsOf } from './parse.ts'
import { isNewer } from './versions.ts'
import { watchCollection, type WatchEvent, type WatchTiming } from './watch.ts'

type FollowOptions<T extends KubernetesObject> = {
  config: KubeConfig
  kind: ResourceKind<T>
  namespace: string | undefined
  labelSelector: string | undefined
  timing: WatchTiming
  cache: ObjectCache<T>
  signal: AbortSignal
}

/** How one attempt ended: with an error, or without one when the server ended the watch. */
export type Attempt = { error?: unknown; watchedMs: number }

/**
 * Keeps a cache at the API server's state. Each call of `follow` is one attempt: it lists if the position is unknown, then
 * watches from the position until the watch ends or fails.
 */
export function followCollection<T extends KubernetesObject>(options: FollowOptions<T>) {
  const { config, kind, namespace, labelSelector, timing, cache, signal } = options
  let position: string | undefined
  /** False once the position is known to be of a past that the server no longer has. */
  let trusted = true
  let watching = new AbortController()

  return { follow, distrust }

  async function list(): Promise<string> {
    const { items, resourceVersion } = await listAll(config, kind, { namespace, labelSelector, deadlineMs, read })
    cache.replaceAll({
      items: items.flatMap(({ object }) => object ?? []),
      unreadable: items.flatMap(({ unreadable }) => unreadable ?? []),
      resourceVersion,
    })
    return resourceVersion
  }

  function read(value: unknown): { object?: T; unreadable?: Unreadable } {
    const parsed = parseObject(kind, value)
    if ('object' in parsed) return parsed
    const { metadata, error } = parsed
    return metadata ? { unreadable: { metadata, problem: problemsOf(error) } } : {}
  }

  function apply(event: WatchEvent, from: string): string {
    if (event.type === 'BOOKMARK') {
      if (isNewer(from, event.resourceVersion)) throw wentBack()
      return event.resourceVersion
    }
    const { key, uid, resourceVersion = from } = identify(event.object)
    if (event.type === 'DELETED') {
      if (key) cache.remove(key, uid, resourceVersion)
    } else {
      const { object, unreadable } = read(event.object)
      if (object) cache.put(object)
      if (unreadable) cache.unread(unreadable)
    }
    return resourceVersion
  }

  /** Ends the watch, and everything is listed anew. */
  function distrust(): void {
    trusted = false
    watching.abort()
  }

  /**
   * Asked each time before a watch is taken up again: a server whose store was put back to an earlier state keeps silent
   * to whoever watches from a position that it has not reached, and sends not even bookmarks.
   */
  async function wentBackBehind(known: string): Promise<boolean> {
    return isNewer(known, await positionNow(config, kind, { namespace, deadlineMs }))
  }

  async function follow(onSynced: () => void): Promise<Attempt> {
    let watchingSince: number | undefined
    try {
      if (position !== undefined && ((await wentBackBehind(position)) || !trusted)) position = undefined
      if (position === undefined) {
        position = await list()
        trusted = true
        onSynced()
      }
      watching = new AbortController()
      watchingSince = performance.now()
      for await (const event of watchCollection(config, kind, {
        namespace,
        labelSelector,
        resourceVersion: position,
        timing,
        signal: AbortSignal.any([signal, watching.signal]),
      })) {
        if (!trusted) throw wentBack()
        position = apply(event, position)
        cache.advance(position)
      }
      return { watchedMs: performance.now() - watchingSince }
    } catch (error) {
      if (mustListAgain(error)) position = undefined
      return { error, watchedMs: watchingSince === undefined ? 0 : performance.now() - watchingSince }
    }
  }
}

const deadlineMs = 30_000

function wentBack(): KubernetesError {
  return new KubernetesError(410, 'Expired', 'the API server went back in time')
}

/**
 * A broken connection or an overloaded server leaves the position right. Any other refusal may be about the position:
 * expired, or from before the server was made anew ("too large resource version").
 */
function mustListAgain(error: unknown): boolean {
  if (!(error instanceof KubernetesError)) return true
  return ![0, 429, 500, 502, 503].includes(error.status)
}
