/** The other side has not answered in time. */
export class LateReply extends Error {
  override name = 'LateReply'
}

export type ReplyTimer = {
  /**
   * Resolves or rejects as `reply` does.
   * @throws LateReply when `ms` pass without a reply, not counting time in which this process could not have read one
   */
  within: <T>(reply: Promise<T>, ms: number) => Promise<T>
}

type Waiting = { leftMs: number; giveUp: () => void }

/**
 * Times replies without blaming the other side for delays of this process. Time counts in steps of at most `stepMs` for
 * each turn of the event loop, and a step counts only after the turn has read its sockets: a reply that arrived while the
 * loop was blocked, or the process had no CPU, is found before the wait is over.
 */
export function createReplyTimer({ stepMs = 25 }: { stepMs?: number } = {}): ReplyTimer {
  const waiting = new Set<Waiting>()
  let timer: NodeJS.Timeout | undefined

  return {
    within(reply, ms) {
      return new Promise((resolve, reject) => {
        const entry: Waiting = { leftMs: ms, giveUp: () => reject(new LateReply(`no reply within ${ms} ms`)) }
        waiting.add(entry)
        timer ??= setInterval(() => setImmediate(countStep), stepMs)
        reply.then(resolve, reject).finally(() => waiting.delete(entry))
      })
    },
  }

  /** Runs in the check phase: after timers, and after what the sockets had. */
  function countStep(): void {
    for (const entry of waiting) {
      // The first step may be shorter than `stepMs`, so the wait ends with the step after `ms`.
      if (entry.leftMs < 0) {
        waiting.delete(entry)
        entry.giveUp()
      }
      entry.leftMs -= stepMs
    }
    if (waiting.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
