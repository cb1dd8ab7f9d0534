import type { UniversalServerResponse } from '@connectrpc/connect/protocol'
import { type Problem, problem } from '../wire.ts'
import type { Answer, ConnectRequest } from './answer.ts'

/** Answers with a problem document. */
export function answerProblem(
  response: Parameters<Answer>[1],
  body: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body)
  const sent = { 'content-type': 'application/problem+json', 'content-length': String(Buffer.byteLength(text)) }
  for (const [name, value] of Object.entries({ ...sent, ...headers })) response.setHeader(name, value)
  response.statusCode = body.status
  response.end(text)
}

/** Answers with 404. */
export const notFound: Answer = (request, response) => {
  answerProblem(response, problem(404, 'not_found', `There is no ${request.method} ${request.url} here.`))
}

/** The problem document for an answer that connect-es leaves empty; undefined for an answer that says what is wrong. */
export function problemOfEmpty(
  answer: Pick<UniversalServerResponse, 'status' | 'body'>,
  request: Pick<ConnectRequest, 'method' | 'headers'>,
): Problem | undefined {
  if (answer.body !== undefined || answer.status < 400) return undefined
  const { status } = answer
  if (status === 405) return problem(status, 'method_not_allowed', `${request.method} is not allowed here, only POST.`)
  if (status === 415) return problem(status, 'unsupported_media_type', mediaTypeAdvice(request.headers['content-type']))
  return problem(status, 'invalid_input', 'The request cannot be answered.')
}

const served = 'application/json, application/proto, application/grpc and application/grpc-web, each with its variants'

function mediaTypeAdvice(given: string | undefined): string {
  if (given?.toLowerCase().startsWith('application/grpc-web-text')) {
    return 'gRPC-Web in base64 (grpc-web-text) is not served; use application/grpc-web+proto.'
  }
  return `The content type must be one that the procedure takes: ${served}.`
}
