import type { DiagLogger } from '@opentelemetry/api'
import type { Log } from '../log.ts'

/** A collector that is away makes the SDK complain every few seconds: it is told once, the rest only to who debugs. */
export function diagLogger(log: Log): DiagLogger {
  let told = false
  const complain = (said: string) => {
    const facts = { said: said.slice(0, 500) }
    if (told) log.debug(facts, 'telemetry has trouble')
    else log.warn(facts, 'telemetry has trouble: traces and metrics may be lost for now; this is said once')
    told = true
  }
  const quiet = () => undefined
  return { error: complain, warn: complain, info: quiet, debug: quiet, verbose: quiet }
}
