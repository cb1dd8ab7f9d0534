import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { createSlots } from './slots.ts'
import { claimDelivery, lockDue, settleDelivery } from './store.ts'
import { openOutbox } from './testing/outbox.ts'
import { startScriptedSmtp } from './testing/smtp.ts'

type Outbox = Awaited<ReturnType<typeof openOutbox>>

/** What a worker does that dies right after it. */
function claimAndDie({ db, clock }: Outbox) {
  const now = clock.now()
  const openings = createSlots({ connections: 4, perDomain: 4, giveWayAfterMs: 1000 }).openings(0)
  return db.transaction(async (tx) => {
    const id = await lockDue(tx, { lane: 'sign_in', now, openings, newestFirst: false, except: [] })
    if (id === null) throw new Error('nothing is due')
    const leaseUntil = new Date(now.getTime() + 120_000)
    return claimDelivery(tx, { id, leaseUntil, leaseToken: randomUUID() })
  })
}

describe('a worker that dies', () => {
  it('leaves its claim to the next, once the lease has run out, at no cost to the mail (abuse 51)', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    const id = await outbox.enqueue()
    const other = await outbox.enqueue()
    await claimAndDie(outbox)
    await using worker = outbox.createWorker()
    worker.start()
    const statuses = async () => (await Promise.all([id, other].map(outbox.row))).map(({ status }) => status).toSorted()
    await eventually(async () => (await statuses()).includes('sent'))
    expect(await statuses()).toEqual(['sending', 'sent'])
    outbox.advance(120_000)
    for (const each of [id, other]) expect(await outbox.until(each, 'sent')).toMatchObject({ failures: 0 })
    expect((await outbox.row(id)).deliveries + (await outbox.row(other)).deliveries).toBe(3)
  })

  it('cannot finish what somebody else has claimed meanwhile (abuse 52)', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    const id = await outbox.enqueue()
    const slow = await claimAndDie(outbox)
    outbox.advance(120_000)
    const thief = await claimAndDie(outbox)
    expect(thief.id).toBe(id)
    const sent = {
      status: 'sent',
      failures: 0,
      stalls: 0,
      lastError: null,
      nextAttemptAt: undefined,
      final: true,
    } as const
    const now = outbox.clock.now()
    expect(await settleDelivery(outbox.db, slow, { ...sent, now })).toBe(false)
    expect((await outbox.row(id)).status).toBe('sending')
    expect(await settleDelivery(outbox.db, thief, { ...sent, now })).toBe(true)
    expect((await outbox.row(id)).status).toBe('sent')
  })
})

describe('a mail that kills its workers', () => {
  it('is quarantined after three claims whose outcome nobody wrote', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    const id = await outbox.enqueue()
    for (let claims = 1; claims <= 3; claims += 1) {
      expect((await claimAndDie(outbox)).id).toBe(id)
      outbox.advance(120_000)
    }
    await using worker = outbox.createWorker()
    worker.start()
    expect(await outbox.until(id, 'quarantined')).toMatchObject({ deliveries: 3, failures: 0, vars: {} })
    await outbox.until(await outbox.enqueue(), 'sent')
    expect(smtp.received).toHaveLength(1)
    expect(outbox.logged.some((line) => line.includes('quarantined') && line.includes(id))).toBe(true)
    expect(await worker.metrics.metrics()).toContain('{kind="login_code",outcome="quarantined"} 1')
  })
})

describe('two workers', () => {
  it('send each mail once (abuse 52)', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    const ids = await Promise.all(Array.from({ length: 30 }, () => outbox.enqueue()))
    await using one = outbox.createWorker()
    await using two = outbox.createWorker()
    one.start()
    two.start()
    for (const id of ids) expect(await outbox.until(id, 'sent')).toMatchObject({ deliveries: 1 })
    expect(smtp.received).toHaveLength(ids.length)
    expect(new Set(smtp.received.map(({ mail }) => mail.messageId))).toEqual(
      new Set(ids.map((id) => `<${id}@galaxy.test>`)),
    )
  })
})
