import { sleep } from '../platform/clock.ts'
import { messageOf } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'

/** Forgets what is old, `limit` of each sort at most, and returns how much that was. */
export type Forget = (limit: number) => Promise<number>

export type PrunerOptions = { forget: readonly Forget[]; log: Log; everyMs?: number; atOnce?: number }

export type Pruner = AsyncDisposable & { start: () => void }

/**
 * Forgets regularly what is old, in batches that hold nobody up, until nothing of it is left. Every replica does:
 * what one is about to forget, another passes over. Disposed of, it ends after the batch in progress.
 */
export function createPruner({ forget, log, everyMs = 3_600_000, atOnce = 500 }: PrunerOptions): Pruner {
  const stopping = new AbortController()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const each of forget) {
        await forgetAll(each).catch((error: unknown) => {
          // Only the message: the details of a failed statement may hold a row.
          log.warn(`what is old could not be forgotten; it is tried again later: ${messageOf(error)}`)
        })
      }
      await sleep(everyMs, stopping.signal)
    }
  }

  async function forgetAll(each: Forget): Promise<void> {
    while (!stopping.signal.aborted && (await each(atOnce)) > 0);
  }

  return {
    start: () => {
      running ??= run()
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await running
    },
  }
}
