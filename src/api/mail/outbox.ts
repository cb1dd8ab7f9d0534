import { randomUUID } from 'node:crypto'
import type { DatabasePool } from 'slonik'
import type { Clock } from '../../platform/clock.ts'
import { databaseErrorCode, isPermanent } from '../../platform/database-errors.ts'
import type { Log } from '../../platform/log.ts'
import { inTrace, type Tracer } from '../../platform/telemetry/index.ts'
import { attempt } from './attempt.ts'
import type { Circuit, Trial } from './circuit.ts'
import type { Claimed, Lane, Outcome } from './model.ts'
import type { MailPolicy } from './policy.ts'
import { createRecordOutcome, type Recorded } from './record-outcome.ts'
import type { Openings } from './slots.ts'
import * as store from './store.ts'
import type { Templates } from './templates.ts'
import type { AttemptEnds, MailTransport } from './transport.ts'

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

export type Outbox = ReturnType<typeof createOutbox>

/** More are not remembered: then somebody has to look at the database first. */
const maxSetAside = 1000

/** What can be done to the outbox: claim a delivery, try to deliver what was claimed, sweep out what is over. */
export function createOutbox(deps: OutboxDeps) {
  const { db, transport, templates, circuit, policy, clock, log, tracer, count } = deps
  const recordOutcome = createRecordOutcome(deps)
  /** What the database refuses to change: this process leaves it alone, so that it stops no other mail. */
  const setAside = new Set<string>()
  return { claim, deliver, sweep }

  /** Claims what is most urgent of what there is room for; undefined when there is nothing of it. */
  async function claim(
    lane: Lane,
    openings: Openings,
    { newestFirst }: { newestFirst: boolean },
  ): Promise<Claimed | undefined> {
    const now = clock.now()
    const leaseUntil = new Date(now.getTime() + policy.attemptMs + policy.leaseMarginMs)
    let found: string | null = null
    try {
      return await db.transaction(async (tx) => {
        found = await store.lockDue(tx, { lane, now, openings, newestFirst, except: [...setAside] })
        if (found === null) return undefined
        return store.claimDelivery(tx, { id: found, leaseUntil, leaseToken: randomUUID() })
      })
    } catch (error) {
      if (found === null || !isPermanent(error) || setAside.size >= maxSetAside) throw error
      leaveAlone(found, error)
      return claim(lane, openings, { newestFirst })
    }
  }

  /** Tries to deliver, and writes how that ended. Never rejects; undefined when it cannot be known. */
  async function deliver(claimed: Claimed, ends: Required<AttemptEnds>): Promise<Outcome | undefined> {
    const attributes = { 'galaxy.mail.kind': claimed.kind, 'galaxy.mail.delivery': claimed.id }
    try {
      return await inTrace(tracer, 'mail.deliver', { attributes }, () => tryToDeliver(claimed, ends))
    } catch (error) {
      const state = databaseErrorCode(error)
      log.error({ delivery: claimed.id, state }, `a mail was left to its lease (${state}); it may be sent again`)
      return undefined
    }
  }

  async function tryToDeliver(claimed: Claimed, ends: Required<AttemptEnds>): Promise<Outcome> {
    const isSuppressed = (address: string) => store.isSuppressed(db, address)
    const trial = circuit.begin()
    let outcome: Outcome
    try {
      outcome = await attempt(claimed, ends, { transport, templates, isSuppressed })
      if (!ends.signal.aborted) updateCircuit(trial, outcome)
    } finally {
      circuit.end(trial)
    }
    const recorded = await recordOutcome(claimed, outcome, ends.signal)
    if (recorded === 'unrecorded') leaveAlone(claimed.id, undefined)
    report(claimed, outcome, recorded)
    return outcome
  }

  /** Ends what has expired, and sets aside what kills its workers or whose outcome cannot be written. */
  async function sweep(lane: Lane): Promise<void> {
    const now = clock.now()
    for (const { kind } of await store.expireDeliveries(db, { lane, now })) count(kind, 'expired')
    const { maxUnrecorded } = policy
    for (const { id, kind } of await store.quarantineDeliveries(db, { lane, now, maxUnrecorded })) {
      count(kind, 'quarantined')
      log.error({ delivery: id, kind }, 'mail quarantined: it was claimed again and again, and no outcome was written')
    }
  }

  function leaveAlone(id: string, error: unknown): void {
    setAside.add(id)
    count('unknown', 'set_aside')
    const state = error === undefined ? undefined : databaseErrorCode(error)
    log.error({ delivery: id, state }, 'mail set aside until the next start: the database refuses to change its row')
  }

  /** Opens the circuit by what is not the mail's fault, closes it by any answer to a mail. */
  function updateCircuit(trial: Trial, { verdict, responseCode, detail }: Outcome): void {
    if (verdict === 'pause') {
      const pauseMs = circuit.open(trial)
      if (pauseMs === undefined) return
      log.error({ responseCode, pauseMs }, `the mail server refuses us, nothing is sent for now: ${detail}`)
    } else if (answered({ verdict, responseCode }) && circuit.close(trial)) {
      log.info('the mail server takes mail again')
    }
  }

  function report({ id, kind, deliveries }: Claimed, { responseCode, detail }: Outcome, status: Recorded): void {
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
  return verdict === 'sent' || (responseCode !== undefined && verdict !== 'busy')
}
