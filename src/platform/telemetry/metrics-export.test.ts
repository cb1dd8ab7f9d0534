import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { Counter, Gauge, Histogram } from 'prom-client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { silentLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { startCollector } from './fixtures.ts'
import { inTrace, startTelemetry } from './index.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A registry with one of each kind. */
function someMetrics() {
  const registry = createMetrics({ runtime: false })
  const registers = [registry]
  const turns = new Counter({ name: 'turns_total', help: 'Turns run.', labelNames: ['outcome'], registers })
  const games = new Gauge({ name: 'games', help: 'Games now.', registers })
  const buckets = [0.1, 1, 10]
  const lateness = new Histogram({
    name: 'lateness_seconds',
    help: 'How late.',
    labelNames: ['of'],
    buckets,
    registers,
  })
  return { registry, turns, games, lateness }
}

const deliver = (registry: ReturnType<typeof createMetrics>) =>
  ({
    service: 'galaxy-controller',
    traces: 'none',
    metrics: { exporter: 'otlp', registry },
    log: silentLog,
  }) as const

/** A collector for what the test starts, in JSON. */
async function aCollector() {
  const collector = await startCollector()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  return collector
}

const label = (key: string, stringValue: string) => [{ key, value: { stringValue } }]
const cumulative = 2

describe('a collector of metrics', () => {
  it('is given counters as cumulative sums since the start, with their labels', async () => {
    const beforeMs = Date.now()
    await using collector = await aCollector()
    const { registry, turns } = someMetrics()
    const telemetry = await startTelemetry(deliver(registry))
    const startedMs = Date.now()
    turns.inc({ outcome: 'done' }, 3)
    turns.inc({ outcome: 'failed' })
    await telemetry[Symbol.asyncDispose]()
    const metric = collector.metrics().get('turns_total')
    expect(metric).toMatchObject({
      service: 'galaxy-controller',
      description: 'Turns run.',
      unit: '',
      sum: {
        isMonotonic: true,
        aggregationTemporality: cumulative,
        dataPoints: [
          { asDouble: 3, attributes: label('outcome', 'done') },
          { asDouble: 1, attributes: label('outcome', 'failed') },
        ],
      },
    })
    const [point] = (metric as { sum: { dataPoints: Record<string, string>[] } }).sum.dataPoints
    const [startMs, endMs] = [Number(point?.['startTimeUnixNano']) / 1e6, Number(point?.['timeUnixNano']) / 1e6]
    expect(startMs).toBeGreaterThanOrEqual(beforeMs)
    expect(startMs).toBeLessThanOrEqual(startedMs)
    expect(endMs).toBeGreaterThanOrEqual(startMs)
  })

  it('is given histograms with their buckets, each counted for itself', async () => {
    await using collector = await aCollector()
    const { registry, lateness } = someMetrics()
    const telemetry = await startTelemetry(deliver(registry))
    for (const seconds of [0.0625, 0.1, 0.5, 5, 5, 100]) lateness.observe({ of: 'turn' }, seconds)
    lateness.observe({ of: 'wake' }, 20)
    await telemetry[Symbol.asyncDispose]()
    expect(collector.metrics().get('lateness_seconds')).toMatchObject({
      histogram: {
        aggregationTemporality: cumulative,
        dataPoints: [
          {
            attributes: label('of', 'turn'),
            explicitBounds: [0.1, 1, 10],
            bucketCounts: [2, 1, 2, 1],
            count: 6,
            sum: 110.6625,
          },
          { attributes: label('of', 'wake'), bucketCounts: [0, 0, 0, 1], count: 1, sum: 20 },
        ],
      },
    })
  })

  it('is given gauges as they are at that moment', async () => {
    await using collector = await aCollector()
    const { registry, games } = someMetrics()
    const telemetry = await startTelemetry(deliver(registry))
    games.set(7)
    games.set(4)
    await telemetry[Symbol.asyncDispose]()
    expect(collector.metrics().get('games')).toMatchObject({ gauge: { dataPoints: [{ asDouble: 4 }] } })
  })

  it('is told regularly, also of what Node.js itself does', async () => {
    await using collector = await aCollector()
    vi.stubEnv('OTEL_METRIC_EXPORT_INTERVAL', '20')
    await using _telemetry = await startTelemetry(deliver(createMetrics({ runtime: true })))
    await expect.poll(() => collector.received.length).toBeGreaterThan(2)
    const metrics = collector.metrics()
    expect(metrics.get('process_cpu_seconds_total')).toHaveProperty('sum')
    expect(metrics.get('process_resident_memory_bytes')).toHaveProperty('gauge')
    await expect.poll(() => collector.metrics().get('nodejs_eventloop_lag_seconds')).toHaveProperty('gauge')
  })

  it('is spoken to in protobuf unless told otherwise', async () => {
    await using collector = await aCollector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', undefined)
    const { registry, turns } = someMetrics()
    turns.inc({ outcome: 'done' })
    await (await startTelemetry(deliver(registry)))[Symbol.asyncDispose]()
    const [received] = collector.received
    expect(received?.path).toBe('/v1/metrics')
    expect(received?.body.includes('turns_total')).toBe(true)
  })

  it('gets the metrics of each service of a process apart, and traces beside them', async () => {
    await using collector = await aCollector()
    const [api, edge] = [someMetrics(), someMetrics()]
    api.games.set(1)
    const common = { traces: 'otlp', log: silentLog } as const
    const metricsOf = ({ registry }: typeof api) => ({ exporter: 'otlp', registry }) as const
    const first = await startTelemetry({ ...common, service: 'galaxy-api', metrics: metricsOf(api) })
    const second = await startTelemetry({ ...common, service: 'galaxy-edge', metrics: metricsOf(edge) })
    await inTrace(first.tracer, 'work', {}, async () => undefined)
    await first[Symbol.asyncDispose]()
    expect(collector.metrics().get('games')).toMatchObject({
      service: 'galaxy-api',
      gauge: { dataPoints: [{ asDouble: 1 }] },
    })
    expect(collector.spans()).toMatchObject([{ service: 'galaxy-api', name: 'work' }])
    await second[Symbol.asyncDispose]()
    expect(collector.metrics().get('games')).toMatchObject({
      service: 'galaxy-edge',
      gauge: { dataPoints: [{ asDouble: 0 }] },
    })
  })

  it('that is not there costs a line in the log (abuse 90)', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:1')
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '20')
    vi.stubEnv('OTEL_METRIC_EXPORT_INTERVAL', '20')
    const { lines, log } = aLog()
    const telemetry = await startTelemetry({ ...deliver(someMetrics().registry), log, flushWithinMs: 300 })
    await expect.poll(() => lines.length).toBe(1)
    expect(lines).toMatchObject([{ level: 40, msg: expect.stringContaining('said once') }])
    await telemetry[Symbol.asyncDispose]()
    expect(lines.filter(({ msg }) => msg.includes('said once'))).toHaveLength(1)
  })

  it('that takes the connection and says nothing is waited for no longer than the deadline (abuse 90)', async () => {
    const silent = createServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
    const { lines, log } = aLog()
    const telemetry = await startTelemetry({ ...deliver(someMetrics().registry), log, flushWithinMs: 100 })
    await telemetry[Symbol.asyncDispose]()
    expect(lines).toMatchObject([{ msg: 'the last traces and metrics were not delivered in time' }])
    silent.close()
  })

  it('is not told of what cannot be measured yet', async () => {
    await using collector = await aCollector()
    const { registry, games } = someMetrics()
    games.set(2)
    new Gauge({ name: 'lag_seconds', help: 'No samples.', registers: [registry] }).set(Number.NaN)
    await (await startTelemetry(deliver(registry)))[Symbol.asyncDispose]()
    expect(collector.metrics().has('lag_seconds')).toBe(false)
    expect(collector.metrics().get('games')).toMatchObject({ gauge: { dataPoints: [{ asDouble: 2 }] } })
  })
})

describe('metrics on standard output', () => {
  it('are a line of JSON for each value', async () => {
    const program = `
      const { startTelemetry } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
      const { silentLog } = await import(${JSON.stringify(new URL('../log.ts', import.meta.url).href)})
      const { createMetrics } = await import(${JSON.stringify(new URL('../metrics.ts', import.meta.url).href)})
      const { Counter } = await import('prom-client')
      const registry = createMetrics({ runtime: false })
      new Counter({ name: 'turns_total', help: 'Turns.', labelNames: ['outcome'], registers: [registry] }).inc({ outcome: 'done' })
      const metrics = { exporter: 'stdout', registry }
      await using telemetry = await startTelemetry({ service: 'galaxy-api', traces: 'none', metrics, log: silentLog })`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
    const [line = ''] = stdout.split('\n')
    expect(JSON.parse(line)).toEqual({
      metric: 'turns_total',
      service: 'galaxy-api',
      labels: { outcome: 'done' },
      value: 1,
    })
  })
})

function aLog() {
  const lines: { level: number; msg: string }[] = []
  return { lines, log: pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) }) }
}
