import { sql } from 'slonik'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { openOutbox } from './testing/outbox.ts'
import { startScriptedSmtp } from './testing/smtp.ts'

/** Far below the deadline of an attempt, so that a mail that waited for one shows. */
const promptMs = 30_000
const policy = { giveWayAfterMs: 2_000 }
const deadlineMs = 120_000

/** A server that never answers RCPT for addresses that begin with `stuck`. */
async function openSlowOutbox() {
  await using stack = new AsyncDisposableStack()
  const smtp = stack.use(await startScriptedSmtp())
  smtp.isSilentAbout = (address) => address.startsWith('stuck')
  const outbox = stack.use(await openOutbox(smtp.url))
  const held = stack.move()
  /** How long it takes until this mail is sent. */
  const arrives = async (id: string) => {
    const startedAtMs = performance.now()
    let seenAtMs = startedAtMs
    const isSent = async () => {
      const nowMs = performance.now()
      outbox.advance(nowMs - seenAtMs)
      seenAtMs = nowMs
      return (await outbox.row(id)).status === 'sent'
    }
    await eventually(isSent, promptMs)
    return performance.now() - startedAtMs
  }
  return { smtp, outbox, arrives, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

describe("a person's code", () => {
  it.each([
    { count: 4, where: 'one domain', domain: () => 'slow.example' },
    { count: 4, where: 'as many domains', domain: (n: number) => `slow-${n}.example` },
    { count: 40, where: 'one domain', domain: () => 'slow.example' },
    { count: 40, where: 'as many domains', domain: (n: number) => `slow-${n}.example` },
    { count: 40, where: 'the same domain', domain: () => 'example.org' },
    { count: 200, where: 'as many domains', domain: (n: number) => `slow-${n}.example` },
  ])('arrives within seconds while $count addresses of $where never answer', async ({ count, domain }) => {
    await using opened = await openSlowOutbox()
    const { outbox, arrives } = opened
    await Promise.all(Array.from({ length: count }, (_, n) => outbox.enqueue({ to: `stuck-${n}@${domain(n)}` })))
    await using worker = outbox.createWorker({ deadlineMs, policy: { ...policy, drainMs: 100 } })
    worker.start()
    await eventually(async () => (await worker.metrics.metrics()).match(/in_progress\{lane="sign_in"\} [1-9]/) !== null)
    outbox.advance(1)
    const id = await outbox.enqueue({ to: 'ada@example.org' })
    worker.wake()
    expect(await arrives(id)).toBeLessThan(promptMs)
  })

  it('is begun at once on a domain known before, while made-up domains never answer', async () => {
    await using opened = await openSlowOutbox()
    const { outbox, arrives } = opened
    await using worker = outbox.createWorker({ deadlineMs, policy: { giveWayAfterMs: deadlineMs, drainMs: 100 } })
    worker.start()
    await outbox.until(await outbox.enqueue({ to: 'bob@example.org' }), 'sent')
    for (let n = 0; n < 100; n += 1) await outbox.enqueue({ to: `stuck-${n}@slow-${n}.example` })
    worker.wake()
    await eventually(async () => (await worker.metrics.metrics()).includes('in_progress{lane="sign_in"} 12'))
    const id = await outbox.enqueue({ to: 'ada@example.org' })
    worker.wake()
    expect(await arrives(id)).toBeLessThan(promptMs)
  })

  it('arrives within seconds while one source asks for codes of ever new domains that never answer', async () => {
    await using opened = await openSlowOutbox()
    const { outbox, arrives } = opened
    for (let n = 0; n < 200; n += 1) {
      await outbox.enqueue({ to: `stuck-${n}@slow-${n}.example`, source: 'attacker', now: new Date('2026-03-01') })
    }
    await using worker = outbox.createWorker({ deadlineMs, policy: { giveWayAfterMs: deadlineMs, drainMs: 100 } })
    worker.start()
    await eventually(async () => (await worker.metrics.metrics()).includes('in_progress{lane="sign_in"} 4'))
    // Older than all that the attacker will have asked for: neither the first nor the last in the line.
    const id = await outbox.enqueue({ to: 'ada@example.org', source: 'ada', now: new Date('2026-02-28') })
    await outbox.enqueue({ to: 'stuck@slow.example', source: 'attacker' })
    worker.wake()
    expect(await arrives(id)).toBeLessThan(promptMs)
  })

  it('is not delayed by the mail of another lane', async () => {
    await using opened = await openSlowOutbox()
    const { outbox, arrives } = opened
    for (let n = 0; n < 50; n += 1) await outbox.enqueue({ to: `stuck-${n}@example.org` })
    await outbox.db.query(sql.unsafe`UPDATE backend.mail_deliveries SET lane = 'general'`)
    await using worker = outbox.createWorker({ deadlineMs, policy: { giveWayAfterMs: deadlineMs, drainMs: 100 } })
    worker.start()
    await eventually(async () => (await worker.metrics.metrics()).includes('in_progress{lane="general"} 3'))
    expect(await arrives(await outbox.enqueue({ to: 'ada@example.org' }))).toBeLessThan(promptMs)
  })

  it('arrives, also of two replicas of which one is gone with all that it had begun', async () => {
    await using opened = await openSlowOutbox()
    const { outbox, arrives } = opened
    for (let n = 0; n < 40; n += 1) await outbox.enqueue({ to: `stuck-${n}@slow-${n}.example` })
    // Of a worker that was killed, nothing is left but its claims.
    await outbox.db.query(sql.unsafe`
      UPDATE backend.mail_deliveries
      SET status = 'sending', lease_token = gen_random_uuid(), deliveries = 1, unrecorded = 1,
          lease_until = next_attempt_at + interval '45 s'
      WHERE recipient LIKE 'stuck-1%'
    `)
    await using one = outbox.createWorker({ deadlineMs, policy: { ...policy, drainMs: 100 } })
    await using two = outbox.createWorker({ deadlineMs, policy: { ...policy, drainMs: 100 } })
    one.start()
    two.start()
    expect(await arrives(await outbox.enqueue({ to: 'ada@example.org' }))).toBeLessThan(promptMs)
    outbox.advance(46_000)
    expect(await arrives(await outbox.enqueue({ to: 'bob@example.org' }))).toBeLessThan(promptMs)
  })
})

describe('a recipient that never answers', () => {
  it('is tried again with all the time that an attempt has, and given up in the end', async () => {
    await using opened = await openSlowOutbox()
    const { outbox } = opened
    await using worker = outbox.createWorker({ deadlineMs: 300, policy: { maxFailures: 2 } })
    const id = await outbox.enqueue({ to: 'stuck@example.org' })
    worker.start()
    expect(await outbox.until(id, 'retrying')).toMatchObject({ failures: 1, lastError: 'no answer in 300 ms' })
    outbox.advance(30_000)
    expect(await outbox.until(id, 'dead')).toMatchObject({ failures: 2, deliveries: 2 })
  })

  it('loses its connection to other mail only after a while', async () => {
    await using opened = await openSlowOutbox()
    const { outbox, smtp } = opened
    const limits = { connections: { sign_in: 2, general: 1 }, giveWayAfterMs: 1_000, drainMs: 100 }
    await using worker = outbox.createWorker({ deadlineMs, policy: limits })
    const stuck = [await outbox.enqueue({ to: 'stuck@a.example' }), await outbox.enqueue({ to: 'stuck@b.example' })]
    worker.start()
    await eventually(async () => (await worker.metrics.metrics()).includes('in_progress{lane="sign_in"} 2'))
    await outbox.until(await outbox.enqueue({ to: 'ada@example.org' }), 'sent')
    expect(smtp.received).toHaveLength(1)
    const rows = await Promise.all(stuck.map(outbox.row))
    expect(rows.map(({ status }) => status).toSorted()).toEqual(['retrying', 'sending'])
    expect(rows.map(({ lastError }) => lastError)).toContain('no answer while other mail waited')
  })
})

describe('a mail server that takes few connections', () => {
  it('gets the mail over those, soon, and no mail counts that as a failure', async () => {
    await using smtp = await startScriptedSmtp({ connections: 3 })
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) => outbox.enqueue({ to: `ada@domain-${n}.example` })),
    )
    worker.start()
    await eventually(async () => {
      outbox.advance(1_000)
      return (await Promise.all(ids.map(outbox.row))).every(({ status }) => status === 'sent')
    })
    for (const id of ids) expect(await outbox.row(id)).toMatchObject({ failures: 0 })
    expect(smtp.received).toHaveLength(20)
  })
})
