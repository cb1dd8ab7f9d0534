import { sleep as realSleep } from '../clock.ts'
import type { ObjectCache } from './cache.ts'
import { keyOf, type KubernetesObject, type ObjectKey } from './objects.ts'

type ResyncOptions<T extends KubernetesObject> = {
  cache: Pick<ObjectCache<T>, 'get' | 'list'>
  /** Each object comes round once in so long. */
  everyMs: number
  tell: (key: ObjectKey, object: T) => void
  signal: AbortSignal
  /** For tests that bring their own time. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

const slices = 100

/**
 * Tells of every object again, round after round, until the signal fires. A round is spread over its time: ten thousand
 * objects at once would stand in line before the one that has changed.
 */
export async function resync<T extends KubernetesObject>(options: ResyncOptions<T>): Promise<void> {
  const { cache, everyMs, tell, signal, sleep = realSleep } = options
  for (;;) {
    const keys = cache.list().map(keyOf)
    for (let slice = 0; slice < slices; slice += 1) {
      await sleep(everyMs / slices, signal)
      if (signal.aborted) return
      const begin = Math.floor((keys.length * slice) / slices)
      for (const key of keys.slice(begin, Math.floor((keys.length * (slice + 1)) / slices))) {
        const object = cache.get(key)
        if (object) tell(key, object)
      }
    }
  }
}
