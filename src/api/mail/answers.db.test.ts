import { describe, expect, it } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { isSuppressed } from './index.ts'
import { oneAtATime, openOutbox } from './testing/outbox.ts'
import { startScriptedSmtp } from './testing/smtp.ts'

describe('an answer of the mail server (abuse 49)', () => {
  it.each([
    { at: 'mail', reply: '421 4.3.2 going down' },
    { at: 'rcpt', reply: '450 4.2.0 mailbox busy' },
    { at: 'data', reply: '451 4.3.0 try later' },
  ] as const)('$reply means later', async (script) => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    smtp.scripts = [script]
    const id = await outbox.enqueue()
    worker.start()
    expect(await outbox.until(id, 'retrying')).toMatchObject({ failures: 1, deliveries: 1, dueInMs: 30_000 })
    outbox.advance(29_999)
    await outbox.untilLookedAgain()
    expect((await outbox.row(id)).status).toBe('retrying')
    outbox.advance(1)
    expect(await outbox.until(id, 'sent')).toMatchObject({ failures: 1, deliveries: 2 })
    expect(await outbox.attempts(id)).toMatchObject([
      { n: 1, outcome: 'retry', code: Number(script.reply.slice(0, 3)) },
      { n: 2, outcome: 'sent' },
    ])
    expect(worker.circuitOpen()).toBe(false)
  })

  it('550 5.1.1 means that nothing is sent to the address any more', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    smtp.scripts = [{ at: 'rcpt', reply: '550 5.1.1 no such user' }]
    const id = await outbox.enqueue({ to: 'Ada@Example.org' })
    worker.start()
    expect(await outbox.until(id, 'suppressed')).toMatchObject({ vars: {} })
    expect(await isSuppressed(outbox.db, 'ada@EXAMPLE.org')).toBe(true)
    expect(await isSuppressed(outbox.db, 'ada@example.com')).toBe(false)
    await outbox.until(await outbox.enqueue(), 'suppressed')
    expect(smtp.received).toEqual([])
  })

  it('554 5.7.1 ends the mail and tells the operator, but says nothing against the address', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    smtp.scripts = [{ at: 'data', reply: '554 5.7.1 refused by policy' }]
    const id = await outbox.enqueue()
    worker.start()
    expect(await outbox.until(id, 'dead')).toMatchObject({ vars: {}, lastError: '554 5.7.1 refused by policy' })
    expect(await isSuppressed(outbox.db, 'ada@example.org')).toBe(false)
    const alert = outbox.logged.find((line) => line.includes('mail given up'))
    expect(JSON.parse(alert ?? '{}')).toMatchObject({ level: 50, delivery: id })
    expect(await worker.metrics.metrics()).toContain('galaxy_mail_deliveries_total{kind="login_code",outcome="dead"} 1')
  })

  it.each([
    { refusal: '535 to our password', passwords: true, scripts: [] },
    { refusal: '550 to our own address', passwords: false, scripts: [{ at: 'mail', reply: '550 5.1.8 bad sender' }] },
  ] as const)('$refusal pauses all mail, and leaves it as it was', async ({ passwords, scripts }) => {
    await using smtp = await startScriptedSmtp({ passwords })
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker({ policy: oneAtATime })
    smtp.refusesPasswords = passwords
    smtp.scripts = [...scripts]
    const ids = [await outbox.enqueue(), await outbox.enqueue()]
    worker.start()
    await eventually(worker.circuitOpen)
    const tried = async () => (await Promise.all(ids.map(outbox.row))).reduce((sum, row) => sum + row.deliveries, 0)
    expect(await tried()).toBe(1)
    await eventually(async () => (await Promise.all(ids.map(outbox.row))).every((row) => row.status === 'pending'))
    for (const id of ids) expect(await outbox.row(id)).toMatchObject({ failures: 0, vars: { code: '40718256' } })
    expect(await worker.metrics.metrics()).toContain('galaxy_mail_circuit_open 1')
    outbox.advance(7_000)
    await outbox.untilLookedAgain()
    expect(await tried()).toBe(1)
    smtp.refusesPasswords = false
    outbox.advance(3_000)
    for (const id of ids) await outbox.until(id, 'sent')
    expect(worker.circuitOpen()).toBe(false)
  })
})

describe('a recipient that is not one plain address (abuse 48)', () => {
  it('never reaches the server', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    const id = await outbox.enqueue({ to: 'a@b.example,evil@x.example' })
    const injecting = await outbox.enqueue({ to: 'a@b.example>\r\nRCPT TO:<evil@x.example' })
    worker.start()
    await outbox.until(id, 'dead')
    await outbox.until(injecting, 'dead')
    expect(smtp.connections).toBe(0)
  })
})
