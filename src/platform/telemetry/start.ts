import { settledWithin } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { standardOutput } from '../output/index.ts'
import { noTracer, type Tracer } from './scope.ts'

export type TelemetryOptions = {
  service: 'galaxy-api' | 'galaxy-edge' | 'galaxy-controller'
  traces: 'otlp' | 'none' | 'stdout'
  metrics: { exporter: 'otlp' | 'prometheus' | 'none' | 'stdout'; registry: Metrics }
  log: Log
  /** How long the end waits for a collector to take what is left. */
  flushWithinMs?: number
}

/** Disposed of, it delivers what is left, or gives it up when that takes too long; it never fails. */
export type Telemetry = AsyncDisposable & { tracer: Tracer }

/**
 * Starts tracing, and delivering the metrics of the registry. When neither is wanted, not even the SDK is loaded; metrics
 * that are only fetched need none.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { service, traces, metrics, log, flushWithinMs = 1000 } = options
  const delivers = metrics.exporter === 'otlp' || metrics.exporter === 'stdout'
  if (traces === 'none' && !delivers) return { tracer: noTracer, [Symbol.asyncDispose]: async () => undefined }
  const { startSdk } = await import('./sdk.ts')
  const processors = await spanProcessors(traces)
  const readers = delivers ? [await metricReader(metrics)] : []
  const { tracer, shutdown } = startSdk({ service, log, processors, readers })
  return {
    tracer: traces === 'none' ? noTracer : tracer,
    [Symbol.asyncDispose]: () => flush(shutdown, flushWithinMs, log),
  }
}

/** Undefined: those to the collector, which are the SDK's own. */
async function spanProcessors(traces: TelemetryOptions['traces']) {
  if (traces === 'otlp') return undefined
  if (traces === 'none') return []
  const { printSpans } = await import('./stdout.ts')
  return [printSpans(print)]
}

async function metricReader({ exporter, registry }: TelemetryOptions['metrics']) {
  const [{ RegistryReader }, { otlpMetricExporter, printMetrics }] = await Promise.all([
    import('./metric-reader.ts'),
    import('./metric-exporter.ts'),
  ])
  return new RegistryReader(registry, exporter === 'stdout' ? printMetrics(print) : await otlpMetricExporter())
}

function print(line: string): void {
  standardOutput().write(line)
}

async function flush(shutdown: () => Promise<void>, withinMs: number, log: Log): Promise<void> {
  const ended = shutdown().catch((error: unknown) => {
    log.warn(`the last traces and metrics were not delivered: ${messageOf(error)}`)
  })
  if (!(await settledWithin(withinMs, ended))) log.warn('the last traces and metrics were not delivered in time')
}
