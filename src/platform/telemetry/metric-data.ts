import { ValueType } from '@opentelemetry/api'
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import { z } from 'zod'
import type { Metrics } from '../metrics.ts'

/** The registry's own types say less, and other things, than it returns. */
const Sample = z.object({
  metricName: z.string().optional(),
  labels: z.record(z.string(), z.union([z.string(), z.number()])),
  // Node.js measures NaN where there is nothing to measure yet.
  value: z.union([z.number(), z.nan()]),
})
const Families = z.array(
  z.object({
    name: z.string(),
    help: z.string(),
    type: z.enum(['counter', 'gauge', 'histogram', 'summary']),
    values: z.array(Sample),
  }),
)

type Sample = z.infer<typeof Sample>
type Family = z.infer<typeof Families>[number]
type Labels = Record<string, string>
type Times = Pick<DataPoint<number>, 'startTime' | 'endTime'>

/**
 * What the registry has now, in the data model of OpenTelemetry: names and labels as on the metrics listener, counters
 * and histograms cumulative since `since`. Summaries have no place in that model, and we make none.
 */
export async function readMetricData(metrics: Metrics, since: Date, now: Date): Promise<MetricData[]> {
  const families = Families.parse(await metrics.getMetricsAsJSON())
  const times = { startTime: hrTime(since), endTime: hrTime(now) }
  return families.flatMap((family) => {
    const data = metricData(family, times)
    return data && data.dataPoints.length > 0 ? [data] : []
  })
}

function metricData({ name, help, type, values }: Family, times: Times): MetricData | undefined {
  const common = {
    // The unit stands in the name: said twice, receivers would write it twice.
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  }
  if (type === 'histogram') {
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: histogramPoints(name, values, times) }
  }
  const dataPoints = values
    .filter(({ value }) => !Number.isNaN(value))
    .map(({ labels, value }) => ({ ...times, attributes: asText(labels), value }))
  if (type === 'gauge') return { ...common, dataPointType: DataPointType.GAUGE, dataPoints }
  if (type === 'counter') return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
  return undefined
}

/** Prometheus counts what lies below each bound and lists each count as a value of its own. */
function histogramPoints(name: string, values: readonly Sample[], times: Times) {
  const series = new Map<string, { attributes: Labels; below: [bound: number, count: number][]; sum: number }>()
  for (const { metricName, labels, value } of values) {
    const { le, ...others } = labels
    const attributes = asText(others)
    const key = JSON.stringify(attributes)
    const one = series.get(key) ?? { attributes, below: [], sum: 0 }
    series.set(key, one)
    if (metricName === `${name}_sum`) one.sum = value
    if (le !== undefined) one.below.push([le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), value])
  }
  return [...series.values()].map(({ attributes, below, sum }) => ({
    ...times,
    attributes,
    value: {
      buckets: {
        boundaries: below.map(([bound]) => bound).filter(Number.isFinite),
        counts: below.map(([, count], index) => count - (below[index - 1]?.[1] ?? 0)),
      },
      count: below.at(-1)?.[1] ?? 0,
      sum,
    },
  }))
}

function asText(labels: Sample['labels']): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]))
}

function hrTime(date: Date): [seconds: number, nanoseconds: number] {
  const ms = date.getTime()
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6]
}
