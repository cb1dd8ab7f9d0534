import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { claimDelivery, settleDelivery } from './store.ts'
import { openOutbox } from './testing/outbox.ts'
import { startScriptedSmtp } from './testing/smtp.ts'

describe('a worker that dies', () => {
  const lease = (now: Date) => ({ now, leaseUntil: new Date(now.getTime() + 120_000), leaseToken: randomUUID() })

  it('leaves its claim to the next, once the lease has run out, at no cost to the mail (abuse 51)', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    const id = await outbox.enqueue()
    const other = await outbox.enqueue()
    await claimDelivery(outbox.db, lease(outbox.clock.now()))
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
    const slow = await claimDelivery(outbox.db, lease(outbox.clock.now()))
    outbox.advance(120_000)
    const thief = await claimDelivery(outbox.db, lease(outbox.clock.now()))
    expect(thief?.id).toBe(id)
    const sent = { status: 'sent', failures: 0, lastError: null, nextAttemptAt: undefined, final: true } as const
    const now = outbox.clock.now()
    if (!slow || !thief) throw new Error('both claim')
    expect(await settleDelivery(outbox.db, slow, { ...sent, now })).toBe(false)
    expect((await outbox.row(id)).status).toBe('sending')
    expect(await settleDelivery(outbox.db, thief, { ...sent, now })).toBe(true)
    expect((await outbox.row(id)).status).toBe('sent')
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
    expect(smtp.connections).toBe(2)
  })
})
