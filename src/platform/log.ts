import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import pretty from 'pino-pretty'

export type Log = Logger
export type LogFormat = 'pretty' | 'json'

/** The process's logger, on standard error: standard output belongs to what a command prints. */
export function createLog({ level, format }: { level: string; format: LogFormat }): Log {
  return pino({ level, timestamp: stdTimeFunctions.isoTime }, destination(format))
}

/** For tests and tools that want silence. */
export const silentLog: Log = pino({ level: 'silent' })

function destination(format: LogFormat): DestinationStream {
  if (format === 'json') return pino.destination({ dest: 2, sync: true })
  return pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
}
