import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { silentLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { startCollector } from './fixtures.ts'
import { inSpan, inTrace, startTelemetry } from './index.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const fetched = { exporter: 'prometheus', registry: createMetrics({ runtime: false }) } as const
const otlp = { service: 'galaxy-api', traces: 'otlp', metrics: fetched, log: silentLog } as const
const nothing = async () => undefined

function aLog() {
  const lines: { level: number; msg: string }[] = []
  return { lines, log: pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) }) }
}

describe('a collector', () => {
  it('is given what there is when the process ends', async () => {
    await using collector = await startCollector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
    const telemetry = await startTelemetry(otlp)
    await inTrace(telemetry.tracer, 'root', { attributes: { 'galaxy.turn': 3 } }, () => inSpan('child', {}, nothing))
    await telemetry[Symbol.asyncDispose]()
    expect(collector.spans()).toMatchObject([
      { service: 'galaxy-api', name: 'child' },
      { service: 'galaxy-api', name: 'root', attributes: { 'galaxy.turn': 3 } },
    ])
  })

  it('is spoken to in protobuf unless told otherwise', async () => {
    await using collector = await startCollector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    const telemetry = await startTelemetry({ ...otlp, service: 'galaxy-edge' })
    await inTrace(telemetry.tracer, 'a span of ours', {}, nothing)
    await telemetry[Symbol.asyncDispose]()
    const [{ body } = { body: undefined }] = collector.received
    expect(body?.includes('galaxy-edge')).toBe(true)
    expect(body?.includes('a span of ours')).toBe(true)
  })

  it('that is not there delays no work, nor the end, and is told of once (abuse 90)', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:1')
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '50')
    vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '10')
    const { lines, log } = aLog()
    const troubles = () => lines.filter(({ msg }) => msg.includes('said once')).length
    const telemetry = await startTelemetry({ ...otlp, log, flushWithinMs: 300 })
    // More than are kept until there is somebody to give them to.
    const work = async () => {
      for (let n = 0; n < 5000; n += 1) await inTrace(telemetry.tracer, 'work', {}, nothing)
    }
    const startedMs = performance.now()
    await work()
    expect(performance.now() - startedMs).toBeLessThan(3000)
    await expect.poll(troubles, { timeout: 20_000 }).toBe(1)
    await work()
    const stoppedMs = performance.now()
    await telemetry[Symbol.asyncDispose]()
    expect(performance.now() - stoppedMs).toBeLessThan(2500)
    expect(troubles()).toBe(1)
  })

  it('that takes the connection and says nothing is waited for no longer than the deadline (abuse 90)', async () => {
    const silent = createServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
    const { lines, log } = aLog()
    const telemetry = await startTelemetry({ ...otlp, log, flushWithinMs: 200 })
    await inTrace(telemetry.tracer, 'work', {}, nothing)
    const stoppedMs = performance.now()
    await telemetry[Symbol.asyncDispose]()
    expect(performance.now() - stoppedMs).toBeLessThan(2000)
    expect(lines).toMatchObject([{ msg: 'the last traces and metrics were not delivered in time' }])
    silent.close()
  })
})

describe('standard output', () => {
  it('gets each span as a line of JSON when that is wanted', async () => {
    const program = `
      const { startTelemetry, inTrace, inSpan } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
      const { silentLog } = await import(${JSON.stringify(new URL('../log.ts', import.meta.url).href)})
      const { createMetrics } = await import(${JSON.stringify(new URL('../metrics.ts', import.meta.url).href)})
      const metrics = { exporter: 'prometheus', registry: createMetrics({ runtime: false }) }
      await using telemetry = await startTelemetry({ service: 'galaxy-api', traces: 'stdout', metrics, log: silentLog })
      await inTrace(telemetry.tracer, 'root', {}, () => inSpan('child', {}, async () => undefined))`
    const lines = (await runNode(program)).trim().split('\n')
    const [child, root] = lines.map((line) => JSON.parse(line))
    expect(child).toMatchObject({ span: 'child', service: 'galaxy-api', parent_span_id: root.span_id })
    expect(root).toMatchObject({ span: 'root', took_ms: expect.any(Number) })
  })
})

describe('without telemetry', () => {
  it('nothing of the OpenTelemetry SDK is even loaded', async () => {
    const program = `
      const { registerHooks } = await import('node:module')
      registerHooks({
        resolve(specifier, context, next) {
          // Its types are needed by what measures Node.js.
          if (/^@opentelemetry.(?!api$)/.test(specifier)) throw new Error('loads ' + specifier)
          return next(specifier, context)
        },
      })
      const { startTelemetry } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
      const { createLog } = await import(${JSON.stringify(new URL('../log.ts', import.meta.url).href)})
      const { createMetrics } = await import(${JSON.stringify(new URL('../metrics.ts', import.meta.url).href)})
      const log = createLog({ level: 'info', format: 'json' })
      const metrics = { exporter: 'prometheus', registry: createMetrics({ runtime: true }) }
      await using telemetry = await startTelemetry({ service: 'galaxy-api', traces: 'none', metrics, log })
      console.log('fine')`
    expect(await runNode(program)).toBe('fine\n')
    await expect(runNode(program.replace("'none'", "'otlp'"))).rejects.toThrow('loads @opentelemetry/')
    await expect(runNode(program.replace("'prometheus'", "'otlp'"))).rejects.toThrow('loads @opentelemetry/')
  })
})

async function runNode(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  return stdout
}
