import { createRequire } from 'node:module'
import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino'
import type Pretty from 'pino-pretty'
import { isObject } from './json.ts'
import { logFieldsFromContext } from './log-fields.ts'
import { traceFieldsFromContext } from './telemetry/scope.ts'

export type Log = Logger
export type LogFormat = 'pretty' | 'json'

export type LogOptions = {
  level: string
  format: LogFormat
  /** Where lines go but to standard error; JSON then. */
  to?: DestinationStream
}

/** The process's logger, on standard error: standard output belongs to what a command prints. */
export function createLog({ level, format, to = destination(format) }: LogOptions): Log {
  const options = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    serializers: logSerializers,
    mixin: fieldsFromContext,
  }
  return pino(options, to)
}

/** What a line is about, and the span that it was written in. */
function fieldsFromContext() {
  return { ...logFieldsFromContext(), ...traceFieldsFromContext() }
}

/** Members in which a database's error repeats what it was given: addresses, codes, whatever the row holds. */
const rowValues = new Set(['detail', 'query', 'values', 'row', 'where'])

/** An error as it may stand in a log: with its causes, without the values of the statement that failed. */
export const logSerializers = { err: (error: Error) => withoutRowValues(stdSerializers.err(error)) }

function withoutRowValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRowValues)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([name]) => !rowValues.has(name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutRowValues(inner)]))
}

/** For tests and tools that want silence. */
export const silentLog: Log = pino({ level: 'silent' })

function destination(format: LogFormat): DestinationStream {
  if (format === 'json') return pino.destination({ dest: 2, sync: true })
  // Loaded by who wants it only: it is as large as the rest of a log.
  const pretty: typeof Pretty = createRequire(import.meta.url)('pino-pretty')
  return pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
}
