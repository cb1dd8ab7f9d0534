import { ExportResultCode, getStringFromEnv } from '@opentelemetry/core'
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'

/** An exporter to the collector, by the protocol, that the OTEL_* variables name. */
export async function otlpMetricExporter(): Promise<PushMetricExporter> {
  const { OTLPMetricExporter } = await load(
    getStringFromEnv('OTEL_EXPORTER_OTLP_METRICS_PROTOCOL') ?? getStringFromEnv('OTEL_EXPORTER_OTLP_PROTOCOL'),
  )
  return new OTLPMetricExporter()
}

function load(protocol: string | undefined) {
  if (protocol === 'grpc') return import('@opentelemetry/exporter-metrics-otlp-grpc')
  if (protocol === 'http/json') return import('@opentelemetry/exporter-metrics-otlp-http')
  return import('@opentelemetry/exporter-metrics-otlp-proto')
}

/** Writes each value as a line of JSON. */
export function printMetrics(write: (line: string) => void): PushMetricExporter {
  return {
    export: ({ resource, scopeMetrics }, done) => {
      const service = resource.attributes['service.name']
      for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        for (const { attributes, value } of dataPoints) {
          write(`${JSON.stringify({ metric: descriptor.name, service, labels: attributes, value })}\n`)
        }
      }
      done({ code: ExportResultCode.SUCCESS })
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  }
}
