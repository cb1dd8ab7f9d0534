import type { Clock } from '../../platform/clock.ts'
import { keyText, type ObjectKey } from '../../platform/kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import { withLogFields } from '../../platform/log-fields.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { inTrace, noteInSpan, noTracer, type Tracer } from '../../platform/telemetry/index.ts'
import { controllerMetrics } from './metrics.ts'
import { createPasses } from './passes.ts'
import { type Reconcile, TerminalError } from './reconcile.ts'
import { createWorkQueue } from './work-queue.ts'

export type Controller = {
  /** Keys are taken while it runs only: nobody would work on them else, and a run begins with a look at everything. */
  enqueue: (key: ObjectKey) => void
  enqueueAfter: (key: ObjectKey, afterMs: number) => void
  /** As `enqueue`; a pass in progress over it is cut short, because what it is for is no longer wanted. */
  interrupt: (key: ObjectKey) => void
  /**
   * Works until the signal fires, then waits for passes in progress and forgets the keys that nobody came to. May run
   * again afterwards (a lease lost and won). Begins with the keys that `everything` answers, asked once keys are taken so
   * that none is missed in between, and with those of passes that were cut short.
   */
  run: (signal: AbortSignal, everything: () => readonly ObjectKey[]) => Promise<void>
}

export type ControllerOptions = {
  name: string
  workers: number
  reconcile: Reconcile
  metrics: Metrics
  tracer?: Tracer
  log: Log
  clock: Clock
  backoff?: { baseMs: number; maxMs: number }
}

export function createController(needs: ControllerOptions): Controller {
  const { name, workers, reconcile, tracer = noTracer, ...options } = needs
  const queue = createWorkQueue<string>({ name, ...options })
  const passes = createPasses()
  const metrics = controllerMetrics(options.metrics)
  const labels = { controller: name }
  const log = options.log.child({ controller: name })
  /** What the end of a run has cut short: known to be half done, whether it is in the next look at everything or not. */
  const unfinished = new Set<string>()
  let running = false

  metrics.maxWorkers.set(labels, workers)
  metrics.activeWorkers.set(labels, 0)
  metrics.errors.inc(labels, 0)
  metrics.terminalErrors.inc(labels, 0)
  for (const result of ['success', 'error', 'requeue', 'requeue_after']) {
    metrics.reconciles.inc({ controller: name, result }, 0)
  }

  async function run(signal: AbortSignal, everything: () => readonly ObjectKey[]): Promise<void> {
    if (running) throw new Error(`the controller ${name} runs already`)
    running = true
    try {
      for (const key of [...unfinished, ...everything().map(keyText)]) add(key)
      await Promise.all(Array.from({ length: workers }, () => work(signal)))
    } finally {
      running = false
      queue.clear()
    }
  }

  function add(key: string): void {
    if (running) queue.add(key)
  }

  async function work(stop: AbortSignal): Promise<void> {
    for (let key = await queue.take(stop); key !== undefined; key = await queue.take(stop)) {
      unfinished.delete(key)
      const { signal, end } = passes.begin(key, stop)
      const endTimer = metrics.time.startTimer(labels)
      metrics.activeWorkers.inc(labels)
      try {
        metrics.reconciles.inc({ controller: name, result: await tracedPass(key, signal) })
      } finally {
        metrics.activeWorkers.dec(labels)
        endTimer()
        end()
        if (stop.aborted) unfinished.add(key)
        queue.done(key)
      }
    }
  }

  /** The log's lines about a pass belong to its trace, and name the object by its kind. */
  function tracedPass(key: string, signal: AbortSignal): Promise<string> {
    const { namespace, name: object } = parseKey(key)
    const attributes = { 'k8s.namespace.name': namespace, 'galaxy.object': object }
    return inTrace(tracer, `reconcile ${name}`, { attributes }, async () => {
      const result = await withLogFields({ [name]: object, namespace }, () => pass(key, signal))
      noteInSpan({ 'galaxy.result': result })
      return result
    })
  }

  /** One pass, whatever becomes of it. Returns its result as the metric names it. */
  async function pass(key: string, signal: AbortSignal): Promise<string> {
    try {
      const { requeueAfterMs } = await reconcile(parseKey(key), signal)
      queue.forget(key)
      if (requeueAfterMs === undefined) return 'success'
      queue.addAfter(key, requeueAfterMs)
      return 'requeue_after'
    } catch (error) {
      return failed(key, error, signal)
    } finally {
      // Cut short, it has left something undone.
      if (signal.aborted) queue.add(key)
    }
  }

  function failed(key: string, error: unknown, signal: AbortSignal): string {
    if (signal.aborted) {
      log.debug({ err: error, key }, 'a pass was cut short')
      return 'requeue'
    }
    metrics.errors.inc(labels)
    if (error instanceof TerminalError) {
      metrics.terminalErrors.inc(labels)
      queue.forget(key)
      log.error({ err: error, key }, 'given up until the object changes')
    } else {
      queue.addRateLimited(key)
      log.warn({ err: error, key, failures: queue.retries(key) }, 'a pass failed; it is tried again later')
    }
    return 'error'
  }

  return {
    enqueue: (key) => add(keyText(key)),
    enqueueAfter: (key, afterMs) => {
      if (running) queue.addAfter(keyText(key), afterMs)
    },
    interrupt: (key) => {
      add(keyText(key))
      passes.cutShort(keyText(key))
    },
    run,
  }
}

/** Undoes keyText: names and namespaces contain no slash. */
function parseKey(text: string): ObjectKey {
  const [first = '', second] = text.split('/')
  return second === undefined ? { namespace: '', name: first } : { namespace: first, name: second }
}
