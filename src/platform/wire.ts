import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from './errors.ts'
import { STATUS_CODES } from './node-http.ts'

export type Problem = ReturnType<typeof problem>

/** A problem document (RFC 9457) with our stable `code`. */
export function problem(status: number, code: string, detail: string, more: Readonly<Record<string, unknown>> = {}) {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail, ...more }
}

/** What a caller is told of a refusal. */
export function problemOf({ httpStatus, reason, message, details }: Refusal): Problem {
  return problem(httpStatus, reason, message, details)
}

/** What a caller is told of a bug. */
export function problemOfBug(): Problem {
  return problem(500, 'internal', 'Something went wrong here; it has been logged.')
}

/** For `app.setErrorHandler`: the one place where errors become HTTP. */
export function answerHttpError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof Refusal) {
    const { retry_after_ms: retryAfterMs } = error.details
    // For who reads no bodies: proxies, and libraries that repeat requests.
    if (typeof retryAfterMs === 'number') reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)))
    return sendProblem(reply, problemOf(error))
  }
  // Fastify's own refusals: malformed JSON, a body too large, an unknown content type.
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return sendProblem(reply, problem(error.statusCode, 'invalid_input', error.message))
  }
  request.log.error({ err: error }, 'unhandled')
  return sendProblem(reply, problemOfBug())
}

/** A hook: RFC 9112, section 3.2, asks for a 400. Node.js would send it without a body. */
export async function requireHost({ headers, raw }: FastifyRequest): Promise<void> {
  if (headers.host !== undefined || raw.httpVersion !== '1.1') return
  throw new Refusal('invalid', 'malformed_request', 'The request has no Host header.')
}

/** For `app.setNotFoundHandler`. */
export function answerHttpNotFound(request: FastifyRequest, reply: FastifyReply) {
  return sendProblem(reply, problem(404, 'not_found', `There is no ${request.method} ${request.url} here.`))
}

function sendProblem(reply: FastifyReply, body: Problem) {
  return reply.code(body.status).type('application/problem+json').send(body)
}
