import { getNumberFromEnv } from '@opentelemetry/core'
import {
  type CollectionResult,
  type MetricCollectOptions,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics'
import type { Metrics } from '../metrics.ts'
import { readMetricData } from './metric-data.ts'

/** Delivers, regularly and at its end, what stands in our registry: there is one source of metrics. */
export class RegistryReader extends PeriodicExportingMetricReader {
  readonly #metrics: Metrics
  readonly #since = new Date()

  constructor(metrics: Metrics, exporter: PushMetricExporter) {
    const exportIntervalMillis = millisFromEnv('OTEL_METRIC_EXPORT_INTERVAL') ?? 60_000
    const exportTimeoutMillis = millisFromEnv('OTEL_METRIC_EXPORT_TIMEOUT') ?? 30_000
    super({
      exporter,
      exportIntervalMillis,
      exportTimeoutMillis: Math.min(exportTimeoutMillis, exportIntervalMillis),
    })
    this.#metrics = metrics
  }

  override async collect(options?: MetricCollectOptions): Promise<CollectionResult> {
    const { resourceMetrics, errors } = await super.collect(options)
    const metrics = await readMetricData(this.#metrics, this.#since, new Date())
    return { resourceMetrics: { ...resourceMetrics, scopeMetrics: [{ scope: { name: 'galaxy' }, metrics }] }, errors }
  }
}

/** The SDK reads this for readers of its own making only. */
function millisFromEnv(name: string): number | undefined {
  const value = getNumberFromEnv(name)
  return value !== undefined && value > 0 ? value : undefined
}
