import { sleep } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { noTracer, type Tracer } from './scope.ts'

export type TelemetryOptions = {
  service: 'galaxy-api' | 'galaxy-edge' | 'galaxy-controller'
  traces: 'otlp' | 'none' | 'stdout'
  log: Log
  /** How long the end waits for a collector to take what is left. */
  flushWithinMs?: number
}

/** Disposed of, it delivers what is left, or gives it up when that takes too long; it never fails. */
export type Telemetry = AsyncDisposable & { tracer: Tracer }

/** Starts tracing. With `none`, not even the SDK is loaded. */
export async function startTelemetry({
  service,
  traces,
  log,
  flushWithinMs = 3000,
}: TelemetryOptions): Promise<Telemetry> {
  if (traces === 'none') return { tracer: noTracer, [Symbol.asyncDispose]: async () => undefined }
  const [{ startSdk }, { printSpans }] = await Promise.all([import('./sdk.ts'), import('./stdout.ts')])
  const processors = traces === 'stdout' ? [printSpans((line) => void process.stdout.write(line))] : undefined
  const { tracer, shutdown } = startSdk({ service, log, processors })
  return { tracer, [Symbol.asyncDispose]: () => flush(shutdown, flushWithinMs, log) }
}

async function flush(shutdown: () => Promise<void>, withinMs: number, log: Log): Promise<void> {
  const flushed = new AbortController()
  const late = sleep(withinMs, flushed.signal).then(() => {
    if (!flushed.signal.aborted) log.warn('the last traces were not delivered in time')
  })
  const ended = shutdown().catch((error: unknown) => {
    log.warn(`the last traces were not delivered: ${messageOf(error)}`)
  })
  await Promise.race([ended, late])
  flushed.abort()
}
