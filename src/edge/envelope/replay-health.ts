import { Counter, Gauge } from 'prom-client'
import { messageOf } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { type ReplayReason, reasonOf, replayReasons } from './redis-reasons.ts'

export function replayMetrics(metrics: Metrics) {
  const registers = [metrics]
  return {
    up: new Gauge({
      name: 'gateway_replay_store_up',
      help: '1 while Redis takes replay reservations; without them every signed call is refused',
      registers,
    }),
    refused: new Counter({
      name: 'gateway_replay_store_refusals_total',
      help: 'Signed calls refused because no replay reservation could be made, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    clockOffset: new Gauge({
      name: 'gateway_clock_offset_seconds',
      help: 'Clock of this edge minus the clock of Redis',
      registers,
    }),
  }
}

export type ReplayHealth = ReturnType<typeof createReplayHealth>

/**
 * Whether reservations can be made: as the last one, or the last probe, ended. An outage is one line in the log when it
 * starts and one when it is over: it is over when a probe succeeds and no reservation has failed since the probe before,
 * so that a store that fails now and then does not fill the log.
 */
export function createReplayHealth({ log, metrics, nowMs }: { log: Log; metrics: Metrics; nowMs: () => number }) {
  const { up, refused, clockOffset } = replayMetrics(metrics)
  let outage: { reason: ReplayReason; sinceMs: number; refusals: number } | undefined
  let failedSinceProbe = false
  let isUp = false

  function setUp(now: boolean): void {
    isUp = now
    up.set(now ? 1 : 0)
  }

  function failed(error: unknown): ReplayReason {
    const reason = reasonOf(error)
    failedSinceProbe = true
    setUp(false)
    if (outage) return reason
    outage = { reason, sinceMs: nowMs(), refusals: 0 }
    // Only the message: errors of ioredis carry the command, and AUTH carries the password.
    const message = `Redis takes no reservations (${reason}): ${replayReasons[reason]}. Signed calls are refused.`
    log.warn({ reason, error: messageOf(error) }, message)
    return reason
  }

  function endOutage(): void {
    if (!outage) return
    const { reason, sinceMs, refusals } = outage
    outage = undefined
    const seconds = Math.round((nowMs() - sinceMs) / 100) / 10
    log.info({ reason, seconds, refusals }, `Redis takes reservations again, after ${seconds} s (${reason})`)
  }

  return {
    isUp: () => isUp,
    /** Something showed that no reservation can be made, though no call was refused for it. */
    failed,
    /** A call was refused. */
    refused: (error: unknown) => {
      const reason = failed(error)
      if (outage) outage.refusals += 1
      refused.inc({ reason })
    },
    /** A reservation was answered. */
    answered: () => {
      if (!isUp) setUp(true)
    },
    probed: (offsetMs: number) => {
      clockOffset.set(offsetMs / 1000)
      setUp(true)
      if (!failedSinceProbe) endOutage()
      failedSinceProbe = false
    },
  }
}
