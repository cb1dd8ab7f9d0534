import type { DatabasePool } from 'slonik'
import { type Clock, sleep } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { noTracer, type Tracer } from '../../platform/telemetry/index.ts'
import { createCircuit } from './circuit.ts'
import { createLaneWorker } from './lane-worker.ts'
import { mailMetrics } from './metrics.ts'
import { Lane } from './model.ts'
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

/** Disposed of, it lets the attempts in progress finish; what is not sent stays in the outbox. */
export type MailWorker = AsyncDisposable & {
  start: () => void
  /** There is something new in the outbox. */
  wake: () => void
  /** True while the server refuses us as a whole. */
  circuitOpen: () => boolean
}

/** Sends what is in the outbox, each lane for itself. Any number of workers may share an outbox. */
export function createMailWorker({ metrics, settings, random = Math.random, ...deps }: MailWorkerDeps): MailWorker {
  const { db, clock, log } = deps
  const circuit = createCircuit({ clock, random })
  const stopping = new AbortController()
  const breakingOff = new AbortController()
  const { count } = mailMetrics(metrics, {
    oldestWaiting: () => oldestWaiting(db),
    circuitOpen: circuit.isOpen,
    inProgress: () => lanes.map(({ lane, worker }) => ({ lane, attempts: worker.inProgress() })),
    now: clock.now,
  })
  const outbox = createOutbox({ tracer: noTracer, ...deps, circuit, policy: settings, random, count })
  const ends = { stopping: stopping.signal, breakingOff: breakingOff.signal }
  const lanes = Lane.options.map((lane) => ({
    lane,
    worker: createLaneWorker({ lane, outbox, circuit, policy: settings, log, ...ends }),
  }))
  const prune = createPrune({ db, clock, policy: settings })
  let running: Promise<unknown> | undefined

  async function forget(): Promise<void> {
    while (!stopping.signal.aborted) {
      await prune().catch((error: unknown) => log.debug(`old mail could not be forgotten: ${messageOf(error)}`))
      await sleep(settings.pollMs, stopping.signal)
    }
  }

  return {
    start: () => {
      running ??= Promise.all([...lanes.map(({ worker }) => worker.run()), forget()])
    },
    wake: () => lanes.forEach(({ worker }) => worker.wake()),
    circuitOpen: circuit.isOpen,
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      lanes.forEach(({ worker }) => worker.wake())
      const deadline = setTimeout(() => breakingOff.abort(), settings.drainMs)
      await running
      clearTimeout(deadline)
    },
  }
}
