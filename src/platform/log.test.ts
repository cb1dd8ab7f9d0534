import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { createLog, withRepeatLimit } from './log.ts'
import { noteInLog, withLogFields } from './log-fields.ts'
import { recordSpans } from './telemetry/fixtures.ts'
import { inTrace } from './telemetry/index.ts'

function aLog() {
  const lines: Record<string, unknown>[] = []
  const to = { write: (line: string) => void lines.push(JSON.parse(line)) }
  return { lines, log: createLog({ level: 'info', format: 'json', to }) }
}

describe('a line of the log', () => {
  it('tells what is worked on, and in which span, whoever writes it', async () => {
    const { lines, log } = aLog()
    const { tracer, spans } = recordSpans()
    const deepDown = async () => log.child({ part: 'host' }).info('a step')
    await inTrace(tracer, 'pass', {}, () =>
      withLogFields({ game: 'andromeda', namespace: 'default' }, async () => {
        await deepDown()
        noteInLog({ turn: 5 })
        await deepDown()
        noteInLog({ turn: undefined })
        await deepDown()
      }),
    )
    const about = { game: 'andromeda', namespace: 'default', part: 'host', otel_trace_id: spans[0]?.traceId }
    expect(lines).toMatchObject([about, { ...about, turn: 5 }, { ...about, otel_span_id: spans[0]?.spanId }])
    expect(lines.map((line) => 'turn' in line)).toEqual([false, true, false])
  })

  it('of another pass at the same time tells of that', async () => {
    const { lines, log } = aLog()
    const pass = (game: string, turn: number) =>
      withLogFields({ game }, async () => {
        await setImmediate()
        noteInLog({ turn })
        await setImmediate()
        log.info('done')
      })
    await Promise.all([pass('a', 1), pass('b', 2)])
    expect(lines).toMatchObject([
      { game: 'a', turn: 1 },
      { game: 'b', turn: 2 },
    ])
  })

  it('has the last word on its own fields, once', () => {
    const { lines, log } = aLog()
    withLogFields({ game: 'a' }, () => log.info({ game: 'b' }, 'told'))
    withLogFields({ game: 'a' }, () => log.info('told'))
    expect(lines).toMatchObject([{ game: 'b' }, { game: 'a' }])
  })

  it('outside of all work has nothing of it', () => {
    const { lines, log } = aLog()
    withLogFields({ game: 'a' }, () => undefined)
    noteInLog({ turn: 1 })
    log.info('told')
    expect(Object.keys(lines[0] ?? {}).filter((key) => ['game', 'turn', 'otel_trace_id'].includes(key))).toEqual([])
  })
})

describe('logging', () => {
  it('does not throw for an error that leads back to itself', () => {
    const { lines, log } = aLog()
    const request: Record<string, unknown> = { path: '/' }
    request.response = { request }
    const err = Object.assign(new Error('refused'), { request })
    log.error({ err }, 'failed')
    expect(lines).toMatchObject([{ msg: 'failed', err: { message: 'refused', request: { path: '/' } } }])
  })

  it('does not throw for a field that cannot be read', () => {
    const { lines, log } = aLog()
    const field = {
      get answer(): string {
        throw new Error('no answer')
      },
    }
    log.error(field, 'failed')
    expect(lines).toMatchObject([{ msg: 'failed', problem: 'Error: no answer' }])
  })

  it('of what clients cause writes the first lines of a kind and then their number', () => {
    vi.useFakeTimers()
    const { lines, log } = aLog()
    const limited = withRepeatLimit(log, { windowMs: 1000, warnings: 2, others: 2, kinds: 10 })
    for (let reqId = 0; reqId < 50; reqId++)
      withLogFields({ game: 'a' }, () => limited.child({ reqId }).warn({ status: 500 }, 'the backend failed'))
    log.warn('unlimited')
    vi.advanceTimersByTime(1000)
    vi.useRealTimers()
    expect(lines.map(({ msg }) => msg)).toEqual([
      'the backend failed',
      'the backend failed',
      'unlimited',
      'more lines were not written of: the backend failed',
    ])
    expect(lines.at(-1)).toMatchObject({ suppressed: 48 })
    expect(lines.at(-1)).not.toHaveProperty('game')
  })
})
