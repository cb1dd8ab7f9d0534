import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import { openTestDatabase } from '../../../../test/support/database.ts'
import { eventually } from '../../../../test/support/eventually.ts'
import { createMetrics, type Metrics } from '../../../platform/metrics.ts'
import {
  createMailWorker,
  createSmtpTransport,
  createTemplates,
  defaultMailPolicy,
  enqueueMail,
  type MailPolicy,
} from '../index.ts'
import type { Mail } from '../model.ts'

const Row = z.object({
  status: z.string(),
  vars: z.record(z.string(), z.string()),
  deliveries: z.int(),
  failures: z.int(),
  lastError: z.string().nullable(),
  dueInMs: z.number(),
})
export type Row = z.infer<typeof Row>

/** For tests in which mails must go one after the other. */
export const oneAtATime = { connections: { sign_in: 1, general: 1 } }

const Attempt = z.object({ n: z.int(), outcome: z.string(), code: z.int().nullable(), detail: z.string() })

export type WorkerOptions = {
  db?: DatabasePool
  metrics?: Metrics
  deadlineMs?: number
  policy?: Partial<MailPolicy>
}

/** An outbox on a real Postgres, a time that stands still until it is moved, and workers for it. */
export async function openOutbox(url: string) {
  await using stack = new AsyncDisposableStack()
  const { db, url: databaseUrl } = stack.use(await openTestDatabase())
  let time = new Date('2026-03-01T12:00:00Z').getTime()
  const clock = { now: () => new Date(time) }
  const logged: string[] = []
  const sink = new Writable({ write: (line, _encoding, done) => done(void logged.push(String(line))) })
  const log = pino({ level: 'trace' }, sink)

  async function enqueue(mail: Partial<Mail> = {}): Promise<string> {
    const id = mail.id ?? randomUUID()
    await enqueueMail(db, {
      id,
      kind: 'login_code',
      to: 'ada@example.org',
      locale: 'en',
      vars: { code: '40718256', minutes: '10' },
      priority: 0,
      expiresAt: new Date(time + 600_000),
      now: clock.now(),
      ...mail,
    })
    return id
  }

  function createWorker({
    metrics = createMetrics({ runtime: false }),
    deadlineMs = 5_000,
    ...options
  }: WorkerOptions = {}) {
    // The time of a test stands still: mail that gave way to other mail would never come again.
    const base = { ...defaultMailPolicy, pollMs: 10, drainMs: 5_000, giveWayAfterMs: 600_000 }
    const policy = { ...base, attemptMs: deadlineMs, ...options.policy }
    const connections = policy.connections.sign_in + policy.connections.general
    const transport = createSmtpTransport({ url, from: 'Galaxy <no-reply@galaxy.test>', deadlineMs, connections })
    const worker = createMailWorker({
      db: options.db ?? db,
      transport,
      templates: createTemplates(),
      clock,
      log,
      metrics,
      settings: policy,
      random: () => 0.5,
    })
    const dispose = async () => {
      await worker[Symbol.asyncDispose]()
      transport.close()
    }
    return { ...worker, metrics, [Symbol.asyncDispose]: dispose }
  }

  function row(id: string): Promise<Row> {
    return db.one(sql.type(Row)`
      SELECT status, vars, deliveries, failures, last_error AS "lastError",
             (extract(epoch FROM next_attempt_at - ${sql.timestamp(clock.now())}) * 1000)::float8 AS "dueInMs"
      FROM backend.mail_deliveries
      WHERE id = ${id}
    `)
  }

  /** Waits for the delivery to become this. */
  async function until(id: string, status: string): Promise<Row> {
    await eventually(async () => (await row(id)).status === status, 10_000)
    return row(id)
  }

  /** Waits until a worker has looked for due mail at the present time: it ends what has expired each time it looks. */
  async function untilLookedAgain(): Promise<void> {
    for (let look = 0; look < 2; look++) await until(await enqueue({ expiresAt: clock.now() }), 'expired')
  }

  function attempts(id: string) {
    return db.any(sql.type(Attempt)`
      SELECT n, outcome, response_code AS code, detail FROM backend.mail_attempts WHERE delivery = ${id} ORDER BY n
    `)
  }

  const held = stack.move()
  return {
    db,
    databaseUrl,
    clock,
    logged,
    enqueue,
    createWorker,
    row,
    until,
    attempts,
    untilLookedAgain,
    advance: (ms: number) => {
      time += ms
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}
