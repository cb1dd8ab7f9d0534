import { messageOf } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'

export type SessionStatus = 'active' | 'revoked' | 'unknown'

export type SessionWatch = {
  check: () => Promise<SessionStatus>
  everyMs: number
  random: () => number
  log: Log
  onGone: (status: 'revoked' | 'unknown') => void
}

/**
 * Asks at once, and then again and again, whether a session is still there. At once, because it may have been revoked
 * after it was looked up for the request and before its stream could be told.
 * @returns what ends the watch
 */
export function watchSession({ check, everyMs, random, log, onGone }: SessionWatch): () => void {
  let timer: NodeJS.Timeout | undefined
  let ended = false

  async function ask(): Promise<void> {
    const status = await check().catch((error: unknown) => {
      // The revocation itself comes by push; this is the second line, and it may miss a time.
      log.debug({ problem: messageOf(error) }, 'a stream’s session cannot be checked')
      return 'active'
    })
    if (ended) return
    if (status === 'revoked' || status === 'unknown') return onGone(status)
    timer = setTimeout(() => void ask(), everyMs * (0.9 + 0.2 * random()))
  }

  void ask()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}
