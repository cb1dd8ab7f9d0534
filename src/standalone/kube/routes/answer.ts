import type { IncomingHttpHeaders } from 'node:http'
import type { JsonObject } from '../../../platform/json.ts'
import type { ApiError } from '../api-error.ts'
import type { User } from '../authenticate.ts'

/** One request, read and allowed. */
export type Call = { user: User; headers: IncomingHttpHeaders; body: Buffer }

export type Answer = {
  code: number
  body: string | Buffer
  type: string
  /** Said to the client beside the answer. */
  warnings: readonly string[]
}

const jsonType = 'application/json'

export function answerText(
  body: string,
  { code = 200, warnings = [] as readonly string[], type = jsonType } = {},
): Answer {
  return { code, body, type, warnings }
}

export function answerJson(body: JsonObject, options?: { code?: number; type?: string }): Answer {
  return answerText(JSON.stringify(body), options)
}

/** A refusal; what was to be warned of is said all the same. */
export function answerStatus({ status, code }: ApiError, warnings: readonly string[] = []): Answer {
  return answerText(JSON.stringify(status), { code, warnings })
}

/** A `Warning` header's value (RFC 7234, section 5.5). */
export function warningHeader(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 1000)
  return `299 - ${JSON.stringify(printable)}`
}
