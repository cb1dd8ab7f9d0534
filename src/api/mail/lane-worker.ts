import { sleep } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import type { Circuit } from './circuit.ts'
import type { Claimed, Lane } from './model.ts'
import type { Outbox } from './outbox.ts'
import type { MailPolicy } from './policy.ts'
import { createSlots, type Slot } from './slots.ts'

export type LaneWorkerDeps = {
  lane: Lane
  outbox: Outbox
  circuit: Circuit
  policy: MailPolicy
  log: Log
  /** Fires when nothing new is to be begun. */
  stopping: AbortSignal
  /** Fires when what is in progress is to be broken off. */
  breakingOff: AbortSignal
}

export type LaneWorker = {
  /** Resolves once it has been stopped and its last attempt has ended. */
  run: () => Promise<void>
  /** There is something new in the outbox. */
  wake: () => void
  /** Attempts in progress. */
  inProgress: () => number
}

/** Delivers the mail of one lane, several at once. */
export function createLaneWorker(deps: LaneWorkerDeps): LaneWorker {
  const { lane, outbox, circuit, policy, log, stopping, breakingOff } = deps
  const { perDomain, giveWayAfterMs, pollMs } = policy
  const slots = createSlots({ connections: policy.connections[lane], perDomain, giveWayAfterMs })
  const attempts = new Set<Promise<void>>()
  let idling = new AbortController()
  let claims = 0
  const wake = () => idling.abort()

  async function run(): Promise<void> {
    const sweep = reporting(log, 'the mail outbox cannot be swept', () => outbox.sweep(lane))
    const begin = reporting(log, 'the mail outbox cannot be reached', beginAll)
    while (!stopping.aborted) {
      // Before looking, so that a wake while looking shortens the pause after it.
      idling = new AbortController()
      await sweep()
      await begin()
      if (!stopping.aborted) await sleep(pollMs, idling.signal)
    }
    await Promise.all(attempts)
  }

  /** Begins as many attempts as there is mail and room for. */
  async function beginAll(): Promise<void> {
    while (!stopping.aborted && circuit.mayTry()) {
      const claimed = await claimNext()
      if (!claimed) return
      begin(claimed)
    }
  }

  /**
   * The newest of what waits, and each fourth time the oldest: where more comes in than can be sent, somebody who has just
   * asked need not wait for all of it, and the oldest is not forgotten.
   */
  async function claimNext(): Promise<Claimed | undefined> {
    const openings = slots.openings(performance.now())
    if (!openings.known && !openings.unknown && !openings.stalled) return undefined
    const claimed = await outbox.claim(lane, openings, { newestFirst: claims % 4 !== 0 })
    if (claimed) claims += 1
    return claimed
  }

  function begin(claimed: Claimed): void {
    const giveWay = new AbortController()
    const { domain, domainKnown, source, failures, stalls } = claimed
    const nowMs = performance.now()
    const slot: Slot = {
      domain,
      domainKnown,
      source,
      stalled: stalls > 0,
      failures,
      startedAtMs: nowMs,
      giveWay: () => giveWay.abort(),
    }
    slots.take(slot, nowMs)
    const attempted = outbox.deliver(claimed, { signal: breakingOff, giveWay: giveWay.signal }).then((outcome) => {
      slots.leave(slot, { succeeded: outcome?.verdict === 'sent', nowMs: performance.now() })
      attempts.delete(attempted)
      wake()
    })
    attempts.add(attempted)
  }

  return { run, wake, inProgress: () => attempts.size }
}

/** Does the work; of failures in a row the first is logged, and the end of them. */
function reporting(log: Log, problem: string, work: () => Promise<void>): () => Promise<void> {
  let failing = false
  return async () => {
    try {
      await work()
      if (failing) log.info(`no longer: ${problem}`)
      failing = false
    } catch (error) {
      // Only the message: the details of a failed statement hold what it was about to write.
      if (!failing) log.error(`${problem}: ${messageOf(error)}`)
      failing = true
    }
  }
}
