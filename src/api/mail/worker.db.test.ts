import { sql } from 'slonik'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eventually } from '../../../test/support/eventually.ts'
import { startTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { openDatabase } from '../../platform/database.ts'
import { oneAtATime, openOutbox } from './testing/outbox.ts'
import { startScriptedSmtp } from './testing/smtp.ts'

describe('a login code', () => {
  it('is sent to its one recipient, and then forgotten', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    const id = await outbox.enqueue({ to: 'Ada@example.org' })
    worker.start()
    expect(await outbox.until(id, 'sent')).toMatchObject({ vars: {}, deliveries: 1, failures: 0, lastError: null })
    const [{ recipients, mail } = { recipients: [], mail: undefined }] = smtp.received
    expect(recipients).toEqual(['Ada@example.org'])
    expect(mail?.subject).toBe('Your Galaxy sign-in code: 40718256')
    expect(mail?.text?.match(/\b\d{8}\b/)?.[0]).toBe('40718256')
    expect(mail?.html).toContain('40718256')
    expect(mail?.messageId).toBe(`<${id}@galaxy.test>`)
    expect(mail?.from?.text).toBe('"Galaxy" <no-reply@galaxy.test>')
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated')
    expect(mail?.headers.has('list')).toBe(false)
    expect(await outbox.attempts(id)).toMatchObject([{ n: 1, outcome: 'sent' }])
  })

  it('is sent at once to whoever wakes the worker, and by itself to whoever does not', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    worker.start()
    await outbox.until(await outbox.enqueue(), 'sent')
    const second = await outbox.enqueue()
    worker.wake()
    await outbox.until(second, 'sent')
    expect(smtp.received).toHaveLength(2)
    expect(smtp.connections).toBe(1)
  })

  it('overtakes what waits, and is never sent once it has expired (abuse 53)', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    const late = await outbox.enqueue({ expiresAt: outbox.clock.now(), priority: 100 })
    const backlog: string[] = []
    for (let n = 0; n < 5; n++) backlog.push(await outbox.enqueue({ priority: 0 }))
    outbox.advance(1_000)
    const urgent = await outbox.enqueue({ priority: 100 })
    await using worker = outbox.createWorker({ policy: oneAtATime })
    worker.start()
    for (const id of [...backlog, urgent]) await outbox.until(id, 'sent')
    expect(await outbox.row(late)).toMatchObject({ status: 'expired', vars: {}, deliveries: 0 })
    expect(smtp.received.map(({ mail }) => mail.messageId)).toHaveLength(6)
    expect(smtp.received[0]?.mail.messageId).toBe(`<${urgent}@galaxy.test>`)
  })

  it('is enqueued once for one key', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await outbox.enqueue({ dedupKey: 'challenge-1' })
    await outbox.enqueue({ dedupKey: 'challenge-1' })
    const counted = await outbox.db.oneFirst(sql.type(z.object({ n: z.int() }))`
      SELECT count(*)::int AS n FROM backend.mail_deliveries
    `)
    expect(counted).toBe(1)
  })

  it('appears in no log and no table once a server has quoted it, and neither does the address (abuse 47)', async () => {
    await using smtp = await startScriptedSmtp({ passwords: true })
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    smtp.scripts = [
      { at: 'rcpt', reply: '451 4.7.1 <ada@example.org>: greylisted' },
      { at: 'data', reply: '554 5.7.1 spam: "sign-in code: 40718256" to ada@example.org' },
    ]
    const id = await outbox.enqueue()
    worker.start()
    await outbox.until(id, 'retrying')
    outbox.advance(30_000)
    const row = await outbox.until(id, 'dead')
    smtp.refusesPasswords = true
    const said = JSON.stringify([outbox.logged, row, await outbox.attempts(id), await worker.metrics.metrics()])
    expect(said).toContain('5.7.1 spam')
    expect(said).not.toContain('40718256')
    expect(said).not.toContain('ada@')
    expect(said).not.toContain('galaxy:secret')
  })
})

describe('the end of a worker (abuse 81)', () => {
  it('lets the attempt in progress finish, and leaves the rest', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    const worker = outbox.createWorker({ policy: oneAtATime })
    smtp.scripts = ['hold']
    const first = await outbox.enqueue({ priority: 1 })
    const second = await outbox.enqueue()
    worker.start()
    await eventually(() => smtp.received.length === 1)
    const ended = worker[Symbol.asyncDispose]()
    smtp.release()
    await ended
    expect((await outbox.row(first)).status).toBe('sent')
    expect(await outbox.row(second)).toMatchObject({ status: 'pending', deliveries: 0 })
  })

  it('breaks an attempt off that takes longer than it may, and leaves it to the next', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    const worker = outbox.createWorker({ policy: { drainMs: 50 } })
    smtp.scripts = ['hold']
    const id = await outbox.enqueue()
    worker.start()
    await eventually(() => smtp.received.length === 1)
    await worker[Symbol.asyncDispose]()
    expect(await outbox.row(id)).toMatchObject({ status: 'pending', failures: 0, deliveries: 1 })
    await using next = outbox.createWorker()
    next.start()
    await outbox.until(id, 'sent')
  })
})

describe('a database that fails', () => {
  it('while a mail is sent does not make it go out twice (abuse 83)', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using proxy = await startTcpProxy()
    proxy.leadTo(outbox.databaseUrl)
    const url = new URL(outbox.databaseUrl)
    url.port = new URL(proxy.url).port
    const db = await openDatabase({ url: url.href, poolSize: 4, statementTimeoutMs: 5_000 })
    {
      await using worker = outbox.createWorker({ db })
      smtp.scripts = ['hold']
      const id = await outbox.enqueue()
      worker.start()
      await eventually(() => smtp.received.length === 1)
      proxy.breakOff()
      smtp.release()
      await eventually(() => outbox.logged.some((line) => line.includes('cannot be written yet')))
      proxy.leadTo(outbox.databaseUrl)
      await outbox.until(id, 'sent')
      expect(smtp.received).toHaveLength(1)
    }
    await db.end().catch(() => undefined)
  })

  it('makes the worker wait, not end', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    await outbox.db.query(sql.unsafe`ALTER TABLE backend.mail_deliveries RENAME TO away`)
    worker.start()
    await eventually(() => outbox.logged.some((line) => line.includes('outbox cannot be reached')))
    await outbox.db.query(sql.unsafe`ALTER TABLE backend.away RENAME TO mail_deliveries`)
    expect(await outbox.until(await outbox.enqueue(), 'sent')).toMatchObject({ failures: 0 })
  })
})

describe('the oldest mail that waits', () => {
  it('is in the metrics', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    expect(await worker.metrics.metrics()).toContain('galaxy_mail_oldest_waiting_seconds 0')
    await outbox.enqueue()
    outbox.advance(90_000)
    expect(await worker.metrics.metrics()).toContain('galaxy_mail_oldest_waiting_seconds 90')
  })
})
