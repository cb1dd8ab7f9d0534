import { type CommonQueryMethods, sql } from 'slonik'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eventually } from '../../../test/support/eventually.ts'
import { defaultMailPolicy } from './policy.ts'
import { createPrune } from './prune.ts'
import { openOutbox } from './testing/outbox.ts'
import { startScriptedSmtp } from './testing/smtp.ts'

const dayMs = 86_400_000

const Id = z.object({ id: z.string() })

async function known(db: CommonQueryMethods): Promise<string[]> {
  return [...(await db.anyFirst(sql.type(Id)`SELECT id FROM backend.mail_deliveries`))]
}

describe('old mail', () => {
  it('is forgotten with its attempts after 30 days, and not before', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    worker.start()
    const old = await outbox.enqueue()
    await outbox.until(old, 'sent')
    outbox.advance(1_000)
    const younger = await outbox.enqueue()
    await outbox.until(younger, 'sent')
    outbox.advance(30 * dayMs - 1_000)
    await eventually(async () => !(await known(outbox.db)).includes(old))
    expect(await known(outbox.db)).toEqual([younger])
    expect(await outbox.attempts(old)).toEqual([])
  })

  it('is forgotten after a day if it was never to be sent', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    worker.start()
    const decoy = await outbox.enqueue({ expiresAt: new Date(0) })
    const brief = await outbox.enqueue({ expiresAt: new Date(outbox.clock.now().getTime() + 1) })
    await outbox.until(decoy, 'expired')
    await outbox.until(brief, 'sent')
    outbox.advance(dayMs)
    await eventually(async () => !(await known(outbox.db)).includes(decoy))
    expect(await known(outbox.db)).toEqual([brief])
  })

  it('is kept while it is still to be sent, however old it is', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    const expiresAt = new Date(outbox.clock.now().getTime() + 100 * dayMs)
    const waiting = await outbox.enqueue({ expiresAt })
    outbox.advance(40 * dayMs)
    await createPrune({ ...outbox, policy: defaultMailPolicy })()
    expect(await known(outbox.db)).toEqual([waiting])
  })

  it('is forgotten a batch at a time, and then not looked for until it is due again', async () => {
    await using smtp = await startScriptedSmtp()
    await using outbox = await openOutbox(smtp.url)
    await using worker = outbox.createWorker()
    worker.start()
    const ids: string[] = []
    for (let n = 0; n < 5; n++) ids.push(await outbox.enqueue())
    for (const id of ids) await outbox.until(id, 'sent')
    await worker[Symbol.asyncDispose]()
    outbox.advance(30 * dayMs)
    const prune = createPrune({ ...outbox, policy: { ...defaultMailPolicy, prunedAtOnce: 2 } })
    const left: number[] = []
    for (let n = 0; n < 3; n++) {
      await prune()
      left.push((await known(outbox.db)).length)
    }
    expect(left).toEqual([3, 1, 0])
    const late = await outbox.enqueue({ now: new Date(0), expiresAt: new Date(0) })
    await outbox.db.query(
      sql.type(z.object({}))`UPDATE backend.mail_deliveries SET status = 'expired' WHERE id = ${late}`,
    )
    await prune()
    expect(await known(outbox.db)).toEqual([late])
    outbox.advance(defaultMailPolicy.pruneEveryMs)
    await prune()
    expect(await known(outbox.db)).toEqual([])
  })
})
