import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { oneAtATime, openOutbox } from './testing/outbox.ts'
import { startScriptedSmtp } from './testing/smtp.ts'

describe('a mail server that misbehaves (abuse 50)', () => {
  it.each([
    { how: 'says nothing', greet: () => undefined },
    {
      how: 'drips its greeting',
      greet: (socket: Socket) => {
        const drip = setInterval(() => socket.write('2'), 20)
        socket.on('close', () => clearInterval(drip))
      },
    },
  ])('which $how is given up at the deadline', async ({ greet }) => {
    await using server = await listen(greet)
    await using outbox = await openOutbox(server.url)
    await using worker = outbox.createWorker({ deadlineMs: 300 })
    const id = await outbox.enqueue()
    worker.start()
    expect(await outbox.until(id, 'retrying')).toMatchObject({ failures: 1, lastError: 'no answer in 300 ms' })
  })

  it('which cannot be reached is tried again later', async () => {
    const server = await listen(() => undefined)
    await server[Symbol.asyncDispose]()
    await using outbox = await openOutbox(server.url)
    await using worker = outbox.createWorker()
    const id = await outbox.enqueue()
    worker.start()
    const row = await outbox.until(id, 'retrying')
    expect(row.failures).toBe(1)
    expect(row.lastError).toContain('ECONNREFUSED')
    expect(worker.circuitOpen()).toBe(false)
  })

  it('which drops the connection after the mail gets it again, with the same Message-ID', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    smtp.scripts = ['reset after DATA']
    const id = await outbox.enqueue()
    worker.start()
    expect(await outbox.until(id, 'retrying')).toMatchObject({ failures: 1 })
    expect(smtp.received).toHaveLength(1)
    outbox.advance(30_000)
    await outbox.until(id, 'sent')
    expect(smtp.received.map(({ mail }) => mail.messageId)).toEqual([`<${id}@galaxy.test>`, `<${id}@galaxy.test>`])
  })

  it('which closes after 250 gets the next mail over a new connection', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker({ policy: oneAtATime })
    smtp.scripts = ['close after 250']
    const ids = [await outbox.enqueue(), await outbox.enqueue()]
    worker.start()
    for (const id of ids) expect(await outbox.until(id, 'sent')).toMatchObject({ failures: 0 })
    expect(smtp.received).toHaveLength(2)
    expect(smtp.connections).toBe(2)
  })

  it('is given up after eight failures', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    smtp.scripts = Array.from({ length: 9 }, () => ({ at: 'rcpt', reply: '451 later' }) as const)
    const id = await outbox.enqueue({ expiresAt: new Date('2027-01-01') })
    worker.start()
    for (let failures = 1; failures < 8; failures++) {
      await eventually(async () => (await outbox.row(id)).failures === failures)
      outbox.advance(3_600_000)
    }
    expect(await outbox.until(id, 'dead')).toMatchObject({ failures: 8, deliveries: 8, vars: {} })
  })
})

/** A listener that is no mail server. */
async function listen(greet: (socket: Socket) => void): Promise<AsyncDisposable & { url: string }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    greet(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
