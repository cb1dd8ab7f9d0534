import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino'
import type Pretty from 'pino-pretty'
import { isObject } from './json.ts'
import { logFieldsFromContext } from './log-fields.ts'
import { RepeatLimiter, type RepeatLimits, type Suppressed, usualLimits } from './log-repeats.ts'
import { droppedByProcess, standardError } from './output/index.ts'
import { traceFieldsFromContext } from './telemetry/scope.ts'

export type Log = Logger
export type LogFormat = 'pretty' | 'json'

export type LogOptions = {
  level: string
  format: LogFormat
  /** Where lines go but to standard error; JSON then. */
  to?: DestinationStream
}

/**
 * The process's logger, on standard error: standard output belongs to what a command prints. Logging never throws and
 * never waits for a reader or a disk; lines that could not be written are counted, and the count is logged once
 * writing works again.
 */
export function createLog({ level, format, to }: LogOptions): Log {
  const options = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    serializers: logSerializers,
    mixin: fieldsFromContext,
    hooks: { logMethod },
  }
  if (to) return pino(options, to)
  const log = pino(options, destination(format))
  standardError().onRecovered = (dropped) =>
    log.warn({ dropped }, 'log lines were dropped while they could not be written')
  return log
}

/**
 * A child whose lines may be caused by clients: of each kind only the first are written in a while, then a line with the
 * number of those that were not.
 */
export function withRepeatLimit(log: Log, limits: RepeatLimits = usualLimits): Log {
  const report = (kinds: readonly Suppressed[]) => {
    for (const { message, level, suppressed } of kinds)
      log[level < warnLevel ? 'info' : 'warn']({ suppressed }, `more lines were not written of: ${message}`)
  }
  // Not in the context of the request whose line opens the window: the counts are not about that one.
  const outside = AsyncLocalStorage.snapshot()
  const openWindow = (end: () => void) => outside(() => void setTimeout(end, limits.windowMs).unref())
  const limiter = new RepeatLimiter({ limits, dropped: droppedByProcess, openWindow, report })
  return Object.assign(log.child({}), { [limiterKey]: limiter })
}

const limiterKey = Symbol('limiter of repeats')
const warnLevel = 40

/** In front of every line. Children inherit the limiter of the logger that they are made from. */
function logMethod(this: Log, args: Parameters<pino.LogFn>, method: pino.LogFn, level: number): void {
  try {
    const limiter: unknown = Reflect.get(this, limiterKey)
    if (limiter instanceof RepeatLimiter && !limiter.admits(level, args)) return
    method.apply(this, args)
  } catch (error) {
    // A field that cannot be read, such as a getter that throws: the work that logs goes on.
    const [first, message] = args
    method.apply(this, [{ problem: String(error) }, typeof first === 'string' ? first : String(message)])
  }
}

/** What a line is about, and the span that it was written in. */
function fieldsFromContext() {
  return { ...logFieldsFromContext(), ...traceFieldsFromContext() }
}

/** Members in which a database's error repeats what it was given: addresses, codes, whatever the row holds. */
const rowValues = new Set(['detail', 'query', 'values', 'row', 'where'])

/** An error as it may stand in a log: with its causes, without the values of the statement that failed. */
export const logSerializers = { err: (error: Error) => withoutRowValues(stdSerializers.err(error), []) }

const deepest = 8

/** `above` are the objects that the value is in: errors of libraries may lead back to themselves. */
function withoutRowValues(value: unknown, above: readonly unknown[]): unknown {
  if (!Array.isArray(value) && !isObject(value)) return value
  if (above.includes(value) || above.length >= deepest) return '[…]'
  const path = [...above, value]
  if (Array.isArray(value)) return value.map((inner) => withoutRowValues(inner, path))
  const kept = Object.entries(value).filter(([name]) => !rowValues.has(name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutRowValues(inner, path)]))
}

/** For tests and tools that want silence. */
export const silentLog: Log = pino({ level: 'silent' })

function destination(format: LogFormat): DestinationStream {
  const sink = standardError()
  const flushSync = () => void sink.flush(0)
  if (format === 'json') return Object.assign({ write: (line: string) => sink.write(line) }, { flushSync })
  // Loaded by who wants it only: it is as large as the rest of a log.
  const { prettyFactory }: typeof Pretty = createRequire(import.meta.url)('pino-pretty')
  const pretty = prettyFactory({ translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
  return Object.assign({ write: (line: string) => sink.write(pretty(line)) }, { flushSync })
}
