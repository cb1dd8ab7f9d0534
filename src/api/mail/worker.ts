import type { DatabasePool } from 'slonik'
import { type Clock, sleep } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { noTracer, type Tracer } from '../../platform/telemetry/index.ts'
import { createCircuit } from './circuit.ts'
import { mailMetrics } from './metrics.ts'
import { createOutbox } from './outbox.ts'
import type { MailPolicy } from './policy.ts'
import { createPrune } from './prune.ts'
import { oldestWaiting } from './store.ts'
import type { Templates } from './templates.ts'
import type { MailTransport } from './transport.ts'

export type MailWorkerDeps = {
  db: DatabasePool
  transport: Pick<MailTransport, 'send'>
  templates: Templates
  clock: Clock
  log: Log
  metrics: Metrics | undefined
  tracer?: Tracer
  settings: MailPolicy
  random?: () => number
}

/** Disposed of, it lets the attempt in progress finish; what is not sent stays in the outbox. */
export type MailWorker = AsyncDisposable & {
  start: () => void
  /** There is something new in the outbox. */
  wake: () => void
  /** True while the server refuses us as a whole. */
  circuitOpen: () => boolean
}

/** Sends what is in the outbox, one mail after the other. Any number of workers may share an outbox. */
export function createMailWorker({ metrics, settings, random = Math.random, ...deps }: MailWorkerDeps): MailWorker {
  const { db, clock, log } = deps
  const circuit = createCircuit({ clock, random })
  const { count } = mailMetrics(metrics, {
    oldestWaiting: () => oldestWaiting(db),
    circuitOpen: circuit.isOpen,
    now: clock.now,
  })
  const outbox = createOutbox({ tracer: noTracer, ...deps, circuit, policy: settings, random, count })
  const prune = createPrune({ db, clock, policy: settings })
  const stopping = new AbortController()
  const breakingOff = new AbortController()
  let idling = new AbortController()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    let troubled = false
    while (!stopping.signal.aborted) {
      // Before looking, so that a wake while looking shortens the pause after it.
      idling = new AbortController()
      try {
        const busy = await outbox.deliverNext(breakingOff.signal)
        if (troubled) log.info('the mail outbox can be reached again')
        troubled = false
        await prune()
        if (busy) continue
      } catch (error) {
        // Only once, and only the message: the details of a failed statement hold what it was about to write.
        if (!troubled) log.error(`the mail outbox cannot be reached: ${messageOf(error)}`)
        troubled = true
      }
      if (!stopping.signal.aborted) await sleep(settings.pollMs, idling.signal)
    }
  }

  return {
    start: () => {
      running ??= run()
    },
    wake: () => idling.abort(),
    circuitOpen: circuit.isOpen,
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      idling.abort()
      const deadline = setTimeout(() => breakingOff.abort(), settings.drainMs)
      await running
      clearTimeout(deadline)
    },
  }
}
