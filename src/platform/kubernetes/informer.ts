import { once } from 'node:events'
import { backoffMs } from '../backoff.ts'
import { sleep } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Change, createObjectCache, type Unreadable } from './cache.ts'
import type { KubeConfig } from './config.ts'
import { KubernetesError } from './errors.ts'
import { followCollection } from './follow.ts'
import { keyOf, keyText, type KubernetesObject, type ObjectKey, type ResourceKind } from './objects.ts'
import { resync } from './resync.ts'
import { isNewer } from './versions.ts'
import { defaultWatchTiming, type WatchTiming } from './watch.ts'

/** A cache of one kind that stays right. */
export type Informer<T> = AsyncDisposable & {
  start: () => void
  /** Resolves once the first list is in the cache and told. Rejects when the signal or the informer's end comes first. */
  synced: (signal?: AbortSignal) => Promise<void>
  hasSynced: () => boolean
  /**
   * Whether the first list has come, of this namespace or else of all: if not, what is not in the cache may be there all the
   * same.
   */
  knows: (namespace?: string) => boolean
  get: (key: ObjectKey) => T | undefined
  list: () => T[]
  /** Those that exist and cannot be read; `get` and `list` have what could be read of them last, if anything. */
  unreadable: () => Unreadable[]
  /**
   * Puts an own write's answer into the cache at once (ignored when the cache is newer), so that the next pass does not
   * read older than it wrote. Tells `onChange`; the watch's echo of it then tells nothing.
   */
  written: (object: T) => void
  /**
   * As `written`, for the answer to a GET that was sent when the cache held `known`. One that is older shows that the API
   * server's store was put back to an earlier state: everything is listed anew.
   */
  fetched: (answer: T, known: T) => void
}

/** An informer that looks in one place, or everywhere. */
export type SingleInformer<T> = Informer<T> & {
  /** As `synced`; also resolves when its namespace refuses for good. It goes on trying, and syncs when it is let in. */
  settled: (signal?: AbortSignal) => Promise<void>
  hasSettled: () => boolean
}

export type InformerOptions<T extends KubernetesObject> = {
  config: KubeConfig
  kind: ResourceKind<T>
  /** All namespaces when absent. */
  namespace?: string | undefined
  /** Keeps only the objects with these labels; the others are not even sent. */
  labelSelector?: string | undefined
  /** Each object's net change: what happens between two looks (while disconnected) is told as one. */
  onChange: (key: ObjectKey, change: Change<T>) => void
  /** An object that its schema does not accept, in each of its versions: the cache keeps the last one that it did accept. */
  onUnreadable?: (key: ObjectKey, object: Unreadable) => void
  log: Log
  /** Calls onChange for each object this often, with equal `before` and `after`; not for all of them at once. */
  resyncMs?: number
  timing?: WatchTiming
  backoff?: { baseMs: number; maxMs: number }
  /** A namespace that refuses for so long refuses for good. */
  refusedMs?: number
}

export function createInformer<T extends KubernetesObject>(options: InformerOptions<T>): SingleInformer<T> {
  const { config, kind, namespace, labelSelector, resyncMs, timing = defaultWatchTiming, refusedMs = 30_000 } = options
  const log = options.log.child({ informer: kind.plural })
  const end = new AbortController()
  const firstSync = new AbortController()
  const settled = new AbortController()
  let refusedSince: number | undefined
  const cache = createObjectCache<T>(tell, tellUnreadable)
  const { follow, distrust } = followCollection({
    config,
    kind,
    namespace,
    labelSelector,
    timing,
    cache,
    signal: end.signal,
  })
  let running: Promise<void> | undefined

  /** A handler's mistake must not cost the others their events. */
  function tell(key: ObjectKey, change: Change<T>): void {
    try {
      options.onChange(key, change)
    } catch (error) {
      log.error({ err: error, key: keyText(key) }, 'a change handler failed')
    }
  }

  function tellUnreadable(key: ObjectKey, object: Unreadable): void {
    log.error({ key: keyText(key), problem: object.problem }, `cannot read this ${kind.kind}; it is left as it was`)
    options.onUnreadable?.(key, object)
  }

  function fetched(answer: T, known: T): void {
    const { uid, resourceVersion } = answer.metadata
    const cached = cache.get(keyOf(answer))?.metadata
    const isOlder = isNewer(known.metadata.resourceVersion, resourceVersion) && known.metadata.uid === uid
    // Unless it has been listed anew meanwhile.
    if (!isOlder || !cached || !isNewer(cached.resourceVersion, resourceVersion)) return cache.written(answer)
    log.warn({ key: keyText(keyOf(answer)) }, 'the API server went back in time; listing everything anew')
    distrust()
  }

  function synced(): void {
    firstSync.abort()
    settled.abort()
  }

  /** A tenant's namespace that is deleted takes with it the right to look into it; the others go on. */
  function noteRefusal(error: unknown): void {
    if (namespace === undefined || settled.signal.aborted) return
    const isRefused = error instanceof KubernetesError && [403, 404].includes(error.status)
    refusedSince = isRefused ? (refusedSince ?? performance.now()) : undefined
    if (refusedSince === undefined || performance.now() - refusedSince < refusedMs) return
    log.warn({ namespace, problem: messageOf(error) }, 'going on without this namespace, which refuses; still trying')
    settled.abort()
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!end.signal.aborted) {
      const { error, watchedMs } = await follow(synced)
      if (end.signal.aborted) return
      noteRefusal(error)
      if (watchedMs > steadyMs) failures = 0
      // A watch that ends at once without a word is a failure, too: it would be opened again in a busy loop.
      if (error === undefined && watchedMs > 1000) continue
      failures += 1
      log[failures > 2 ? 'warn' : 'debug']({ problem: messageOf(error), failures }, 'the watch broke; trying again')
      await sleep(backoffMs(failures, options.backoff ?? defaultBackoff), end.signal)
    }
  }

  /** From when there is something to look at, so that the first round is a whole one. */
  async function lookAgain(everyMs: number): Promise<void> {
    await once(firstSync.signal, 'abort', { signal: end.signal }).catch(() => undefined)
    const again = (key: ObjectKey, object: T) => tell(key, { before: object, after: object })
    await resync({ cache, everyMs, tell: again, signal: end.signal })
  }

  async function fired(awaited: AbortSignal, signal?: AbortSignal): Promise<void> {
    if (awaited.aborted) return
    const stop = AbortSignal.any([end.signal, ...(signal ? [signal] : [])])
    await once(awaited, 'abort', { signal: stop })
  }

  return {
    start: () => {
      if (end.signal.aborted) return
      running ??= Promise.all([run(), resyncMs === undefined ? undefined : lookAgain(resyncMs)]).then(() => undefined)
    },
    synced: (signal) => fired(firstSync.signal, signal),
    hasSynced: () => firstSync.signal.aborted,
    settled: (signal) => fired(settled.signal, signal),
    hasSettled: () => settled.signal.aborted,
    knows: (asked) => firstSync.signal.aborted && (asked === undefined || asked === (namespace ?? asked)),
    get: cache.get,
    list: cache.list,
    unreadable: cache.unreadable,
    written: cache.written,
    fetched,
    [Symbol.asyncDispose]: async () => {
      end.abort()
      await running
    },
  }
}

const defaultBackoff = { baseMs: 250, maxMs: 10_000 }

/** A watch that lasted so long shows that the server is well again. */
const steadyMs = 5000
