import { isatty } from 'node:tty'
import { Option } from 'commander'
import type { LogFormat } from '../platform/log.ts'

export function logFormatOption(): Option {
  return new Option('--log-format <format>', 'how the log on standard error looks')
    .choices(['pretty', 'json'])
    .default(isatty(2) ? 'pretty' : 'json', 'pretty on a terminal, else json')
}

export type LogFormatFlag = { logFormat: LogFormat }
