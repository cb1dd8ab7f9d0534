import { randomUUID } from 'node:crypto'
import type { DatabasePool } from 'slonik'
import { type Clock, sleep } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import { messageOf } from '../../platform/errors.ts'
import { inTrace, type Tracer } from '../../platform/telemetry/index.ts'
import { attempt } from './attempt.ts'
import type { Circuit } from './circuit.ts'
import type { Claimed, Outcome } from './model.ts'
import type { MailPolicy } from './policy.ts'
import { settle } from './settle.ts'
import * as store from './store.ts'
import type { Templates } from './templates.ts'
import type { MailTransport } from './transport.ts'

export type OutboxDeps = {
  db: DatabasePool
  transport: Pick<MailTransport, 'send'>
  templates: Templates
  circuit: Circuit
  policy: MailPolicy
  clock: Clock
  log: Log
  tracer: Tracer
  random: () => number
  count: (kind: string, outcome: string) => void
}

/** The outbox, one delivery at a time. */
export function createOutbox(deps: OutboxDeps) {
  const { db, transport, templates, circuit, policy, clock, log, tracer, random, count } = deps
  return { deliverNext }

  /** False when there is nothing to do now. `signal` breaks off the attempt. */
  async function deliverNext(signal: AbortSignal): Promise<boolean> {
    await expire()
    if (!circuit.mayTry()) return false
    const now = clock.now()
    const leaseUntil = new Date(now.getTime() + policy.leaseMs)
    const claimed = await store.claimDelivery(db, { now, leaseUntil, leaseToken: randomUUID() })
    if (!claimed) return false
    const attributes = { 'galaxy.mail.kind': claimed.kind, 'galaxy.mail.delivery': claimed.id }
    await inTrace(tracer, 'mail.deliver', { attributes }, () => deliver(claimed, leaseUntil, signal))
    return true
  }

  async function deliver(claimed: Claimed, leaseUntil: Date, signal: AbortSignal): Promise<void> {
    const isSuppressed = (address: string) => store.isSuppressed(db, address)
    const outcome = await attempt(claimed, signal, { transport, templates, isSuppressed })
    if (!signal.aborted) minded(outcome)
    await finishPersistently(claimed, outcome, { leaseUntil, signal })
  }

  async function expire(): Promise<void> {
    for (const { kind } of await store.expireDeliveries(db, clock.now())) count(kind, 'expired')
  }

  /** Opens the circuit by what is not the mail's fault, closes it by any answer to a mail. */
  function minded({ verdict, responseCode, detail }: Outcome): void {
    if (verdict === 'pause') {
      const pauseMs = circuit.open()
      log.error({ responseCode, pauseMs }, `the mail server refuses us, nothing is sent for now: ${detail}`)
    } else if (circuit.isOpen() && answered({ verdict, responseCode })) {
      circuit.close()
      log.info('the mail server takes mail again')
    }
  }

  /** A database that is gone for a moment should not make the next worker send the mail again. */
  async function finishPersistently(
    claimed: Claimed,
    outcome: Outcome,
    until: { leaseUntil: Date; signal: AbortSignal },
  ) {
    for (;;) {
      try {
        return await finish(claimed, outcome)
      } catch (error) {
        if (until.signal.aborted || clock.now() >= until.leaseUntil) throw error
        log.warn({ delivery: claimed.id }, `cannot yet write how it went: ${messageOf(error)}`)
        await sleep(policy.pollMs, until.signal)
      }
    }
  }

  /** Only the claim's owner writes: when the lease has run out meanwhile, the delivery is somebody else's. */
  async function finish(claimed: Claimed, outcome: Outcome): Promise<void> {
    const now = clock.now()
    const settled = settle({ failures: claimed.failures, outcome, now, policy, random })
    const ours = await db.transaction(async (tx) => {
      await store.recordAttempt(tx, claimed, { ...outcome, now })
      if (!(await store.settleDelivery(tx, claimed, { ...settled, now }))) return false
      if (outcome.verdict === 'suppress') {
        await store.suppress(tx, { address: claimed.recipient, reason: outcome.detail, now })
      }
      return true
    })
    const became = outcome.verdict === 'pause' ? 'paused' : settled.status
    tell(claimed, outcome, ours ? became : 'lease_lost')
  }

  function tell({ id, kind, deliveries }: Claimed, { responseCode, detail }: Outcome, status: string): void {
    count(kind, status)
    const facts = { delivery: id, kind, attempt: deliveries, status, responseCode }
    if (status === 'sent') log.info(facts, 'mail sent')
    // Somebody has to look at it: an address or a policy is wrong.
    else if (status === 'dead') log.error(facts, `mail given up: ${detail}`)
    else log.warn(facts, `mail not sent: ${detail}`)
  }
}

/** Whether the server has said something about the mail; silence and lost connections prove nothing. */
function answered({ verdict, responseCode }: Pick<Outcome, 'verdict' | 'responseCode'>): boolean {
  return verdict === 'sent' || responseCode !== undefined
}
