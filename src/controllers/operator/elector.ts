import { type Clock, sleep as realSleep } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import { createResourceClient, type KubeConfig } from '../../platform/kubernetes/client.ts'
import { keyText, type ObjectKey } from '../../platform/kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { leaseKind } from './lease.ts'
import { type ClaimResult, createLeaseClaim, type LeaseClaim } from './lease-claim.ts'
import { electionMetrics } from './metrics.ts'

export type Elector = {
  /**
   * Campaigns until `signal` fires. Each time the lease is won, calls `lead` with a signal that fires when the lease is
   * lost, before another can take it, or when `signal` fires. Campaigns again only after `lead` has returned. The
   * lease is kept while `lead` is still finishing, and released only after that. Resolves when `signal` has fired;
   * ends early, after releasing the lease, when `lead` returns or throws of its own accord.
   */
  run: (lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal) => Promise<void>
  isLeading: () => boolean
}

export type ElectorOptions = {
  config: KubeConfig
  lease: ObjectKey
  /** Must be this process's alone: whoever has it may take the lease from itself at once (after a restart). */
  identity: string
  durationMs?: number
  renewDeadlineMs?: number
  retryMs?: number
  clock: Clock
  log: Log
  metrics: Metrics
}

/** Leader election as client-go does it: https://pkg.go.dev/k8s.io/client-go/tools/leaderelection */
export function createElector(options: ElectorOptions): Elector {
  const { durationMs = 15_000, renewDeadlineMs = 10_000, retryMs = 2000, config, metrics, lease } = options
  if (!(retryMs < renewDeadlineMs && renewDeadlineMs < durationMs)) {
    throw new RangeError('leader election: retryMs < renewDeadlineMs < durationMs must hold')
  }
  // One call that hangs must leave time for another one before the deadline.
  const leases = createResourceClient(config, leaseKind, { deadlineMs: Math.ceil(renewDeadlineMs / 2) })
  const claim = createLeaseClaim({ ...options, leases, durationMs })
  const master = electionMetrics(metrics).master
  const { name } = lease
  master.set({ name }, 0)
  return electOver(claim, {
    renewDeadlineMs,
    retryMs,
    log: options.log.child({ lease: keyText(lease), identity: options.identity }),
    onChange: (leading) => master.set({ name }, leading ? 1 : 0),
  })
}

export type ElectionTerms = {
  renewDeadlineMs: number
  retryMs: number
  log: Log
  onChange: (leading: boolean) => void
  /** For tests that bring their own time. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** The algorithm, over anything that can be claimed. */
export function electOver(claim: LeaseClaim, terms: ElectionTerms): Elector {
  const { renewDeadlineMs, retryMs, log, onChange, sleep = realSleep } = terms
  let leading = false

  function setLeading(now: boolean): void {
    if (leading === now) return
    leading = now
    onChange(now)
    log.info(now ? 'leading' : 'no longer leading')
  }

  async function run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      const heldSinceMs = await win(signal)
      if (heldSinceMs === undefined) return
      const { lost } = await serve(lead, heldSinceMs, signal)
      if (!lost || signal.aborted) return
    }
  }

  /** Tries until the lease is ours; undefined when the signal fires first. */
  async function win(signal: AbortSignal): Promise<number | undefined> {
    for (;;) {
      if (signal.aborted) return undefined
      const result = await tryOnce()
      if (result?.held && isFresh(result.heldSinceMs)) return result.heldSinceMs
      await sleep(retryInMs(result), signal)
    }
  }

  /** Up to a quarter less than said, so that candidates do not stay in step; less when the lease runs out before. */
  function retryInMs(result: ClaimResult | undefined): number {
    const waitMs = retryMs * (1 - Math.random() / 4)
    const freeInMs = result?.held === false ? result.freeAtMs - performance.now() : 0
    return freeInMs > 0 ? Math.min(waitMs, freeInMs) : waitMs
  }

  /** One term: ends when `lead` has returned. */
  async function serve(lead: (signal: AbortSignal) => Promise<void>, heldSinceMs: number, signal: AbortSignal) {
    const lost = new AbortController()
    const over = new AbortController()
    setLeading(true)
    const renewal = renew(heldSinceMs, lost, over.signal)
    const stop = AbortSignal.any([lost.signal, signal])
    try {
      await lead(stop)
    } catch (error) {
      // Told to stop, it may say so by throwing; anything else is a reason not to go on.
      if (!stop.aborted) throw error
      log.debug({ err: error }, 'the work of a leader was cut short')
    } finally {
      over.abort()
      await renewal
      setLeading(false)
      if (!lost.signal.aborted) await release()
    }
    return { lost: lost.signal.aborted }
  }

  /** Renews until the term is over. Fires `lost` as soon as the lease is another's, or could be soon. */
  async function renew(heldSinceMs: number, lost: AbortController, over: AbortSignal): Promise<void> {
    const lose = () => {
      setLeading(false)
      lost.abort(new Error('the lease was lost'))
    }
    const stop = AbortSignal.any([lost.signal, over])
    let deadline = loseAt(heldSinceMs)
    for (;;) {
      await sleep(retryMs, stop)
      if (stop.aborted) break
      const result = await tryOnce()
      if (stop.aborted) break
      if (result?.held) {
        clearTimeout(deadline)
        deadline = loseAt(result.heldSinceMs)
      } else if (result?.holder !== undefined) {
        log.warn({ holder: result.holder }, 'another holds the lease')
        lose()
      }
    }
    clearTimeout(deadline)

    function loseAt(sinceMs: number): NodeJS.Timeout {
      return setTimeout(lose, Math.max(0, sinceMs + renewDeadlineMs - performance.now()))
    }
  }

  async function tryOnce(): Promise<ClaimResult | undefined> {
    try {
      return await claim.attempt()
    } catch (error) {
      log.warn({ problem: messageOf(error) }, 'the lease could not be read or written')
      return undefined
    }
  }

  async function release(): Promise<void> {
    try {
      await claim.release()
    } catch (error) {
      log.warn({ problem: messageOf(error) }, 'the lease could not be released; it runs out by itself')
    }
  }

  /** An answer that came so late that the lease may be another's by now is no win. */
  function isFresh(heldSinceMs: number): boolean {
    return performance.now() < heldSinceMs + renewDeadlineMs
  }

  return { run, isLeading: () => leading }
}
