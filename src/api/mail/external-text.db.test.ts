import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { sql } from 'slonik'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { openOutbox } from './testing/outbox.ts'
import { startScriptedSmtp } from './testing/smtp.ts'

describe('a reply of the mail server that no table can hold', () => {
  it('such as 250 with NUL in it is stored without, and the mail is sent once', async () => {
    await using server = await startRawSmtp({ queued: '250 2.0.0 queued\0x' })
    await using outbox = await openOutbox(server.url)
    await using worker = outbox.createWorker()
    const id = await outbox.enqueue()
    worker.start()
    expect(await outbox.until(id, 'sent')).toMatchObject({ deliveries: 1 })
    await outbox.until(await outbox.enqueue(), 'sent')
    expect(server.mails()).toBe(2)
    expect(await outbox.attempts(id)).toMatchObject([{ outcome: 'sent', detail: '250 2.0.0 queued\uFFFDx' }])
  })

  it.each([
    { reply: { greeting: '421 4.3.2 busy\0' }, status: 'pending', detail: '421 4.3.2 busy\uFFFD' },
    { reply: { rcpt: '451 4.2.0 later\0' }, status: 'retrying', detail: '451 4.2.0 later\uFFFD' },
    { reply: { queued: '554 5.7.1 no\u001b[2J' }, status: 'dead', detail: '554 5.7.1 no\uFFFD[2J' },
    { reply: { rcpt: '550 5.1.1 no\0 such user' }, status: 'suppressed', detail: '550 5.1.1 no\uFFFD such user' },
  ])('such as $reply leads to $status as if it were a plain one', async ({ reply, status, detail }) => {
    await using server = await startRawSmtp(reply)
    await using outbox = await openOutbox(server.url)
    await using worker = outbox.createWorker()
    const id = await outbox.enqueue()
    worker.start()
    await eventually(async () => (await outbox.row(id)).lastError !== null)
    const { status: is, lastError } = await outbox.row(id)
    expect({ status: is, detail: lastError?.replace('Invalid greeting. response=', '') }).toEqual({ status, detail })
    expect(outbox.logged.join('')).not.toContain('refuses the outcome')
  })

  it.each([
    { what: 'a code beyond every integer', rcpt: '99999999999999 what' },
    { what: 'bytes that are no text', rcpt: Buffer.from([0x34, 0x35, 0x31, 0x20, 0xff, 0xfe, 0x00, 0xed, 0xa0, 0x80]) },
    { what: 'a hundred thousand characters', rcpt: `451 ${'x\0'.repeat(50_000)}` },
    { what: 'no code at all', rcpt: '\0\0\0' },
  ])('such as $what is stored as a failure, and other mail goes on', async ({ rcpt }) => {
    await using server = await startRawSmtp({ rcpt })
    await using outbox = await openOutbox(server.url)
    await using worker = outbox.createWorker({ deadlineMs: 2_000 })
    const ids = [await outbox.enqueue(), await outbox.enqueue()]
    worker.start()
    for (const id of ids) {
      const { lastError } = await outbox.until(id, 'retrying')
      expect((lastError ?? '').length).toBeLessThanOrEqual(500)
      expect(await outbox.attempts(id)).toHaveLength(1)
    }
    expect(outbox.logged.join('')).not.toContain('refuses the outcome')
  })
})

describe('an outcome that the database refuses', () => {
  it('is stored without its words, and neither repeated nor in the way of other mail', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    await outbox.db.query(
      sql.unsafe`ALTER TABLE backend.mail_attempts ADD CONSTRAINT no_poison CHECK (detail NOT LIKE '%poison%')`,
    )
    smtp.scripts = [{ accept: 'poison' }]
    const id = await outbox.enqueue()
    worker.start()
    expect((await outbox.until(id, 'sent')).deliveries).toBe(1)
    await outbox.until(await outbox.enqueue(), 'sent')
    expect(smtp.received).toHaveLength(2)
    expect(outbox.logged.filter((line) => line.includes('refuses the outcome of a mail (23514)'))).toHaveLength(1)
  })

  it('in every form sets that mail aside: it is sent once, other mail goes on, and it is to be seen', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    const id = await outbox.enqueue({ to: 'poison@example.org' })
    await outbox.db.query(sql.unsafe`
      ALTER TABLE backend.mail_deliveries
        ADD CONSTRAINT no_poison CHECK (NOT (recipient LIKE 'poison%' AND status NOT IN ('pending', 'sending')))
    `)
    worker.start()
    await outbox.until(await outbox.enqueue(), 'sent')
    await eventually(() => outbox.logged.some((line) => line.includes('mail set aside') && line.includes(id)))
    outbox.advance(120_000)
    await outbox.until(await outbox.enqueue(), 'sent')
    expect(smtp.received.filter(({ recipients }) => recipients.includes('poison@example.org'))).toHaveLength(1)
    expect(await worker.metrics.metrics()).toContain('outcome="set_aside"} 1')
  })

  it('already when the mail is claimed stops no other mail', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    const id = await outbox.enqueue({ to: 'poison@example.org', priority: 1000 })
    await outbox.db.query(sql.unsafe`
      ALTER TABLE backend.mail_deliveries ADD CONSTRAINT no_poison CHECK (NOT (recipient LIKE 'poison%' AND deliveries > 0))
    `)
    worker.start()
    await outbox.until(await outbox.enqueue(), 'sent')
    expect((await outbox.row(id)).status).toBe('pending')
    expect(outbox.logged.some((line) => line.includes('mail set aside') && line.includes(id))).toBe(true)
  })
})

describe('a row that no template fits', () => {
  it('ends, and other mail goes on', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    const id = await outbox.enqueue({ priority: 1000 })
    await outbox.db.query(sql.unsafe`UPDATE backend.mail_deliveries SET vars = '{"code": 5, "more": [null]}'`)
    worker.start()
    await outbox.until(await outbox.enqueue(), 'sent')
    await outbox.until(id, 'dead')
    expect(smtp.received).toHaveLength(1)
  })
})

type Words = Partial<Record<'greeting' | 'rcpt' | 'queued', string | Buffer>>

/** A mail server that answers in words that no library for servers would write. */
async function startRawSmtp({ greeting = '220 raw', rcpt = '250 ok', queued = '250 queued' }: Words) {
  const sockets = new Set<Socket>()
  let mails = 0
  const server = createServer((socket) => {
    const say = (words: string | Buffer) => socket.write(Buffer.concat([Buffer.from(words), Buffer.from('\r\n')]))
    let inContent = false
    sockets.add(socket)
    socket.on('error', () => undefined)
    say(greeting)
    createInterface(socket).on('line', (line) => {
      if (inContent && line !== '.') return
      if (inContent) mails += 1
      if (inContent) say(queued)
      else if (line.startsWith('RCPT')) say(rcpt)
      else say(line.startsWith('DATA') ? '354 go on' : '250 ok')
      inContent = line.startsWith('DATA')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `smtp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    mails: () => mails,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
