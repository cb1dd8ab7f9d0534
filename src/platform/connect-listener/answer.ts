import {
  Code,
  ConnectError,
  type ConnectRouter,
  type ContextValues,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Interceptor,
} from '@connectrpc/connect'
import {
  type connectNodeAdapter,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from '@connectrpc/connect-node'
import type { Log } from '../log.ts'
import { problem } from '../wire.ts'
import { compressions } from './compression.ts'
import { connectCors, corsHeaders, isPreflight } from './cors.ts'
import { stripIdentityHeaders } from './identity-headers.ts'
import { bodyWithinMs } from './limits.ts'
import { cutWhenStuck } from './liveness.ts'
import { answerProblem, notFound, problemOfEmpty } from './problem-answers.ts'
import { closeUnreadRequest, openRequestBody, type RequestBody } from './request-body.ts'
import { capTimeout } from './timeouts.ts'

/** A handler for both versions of HTTP, in the words of Node.js. */
export type Answer = ReturnType<typeof connectNodeAdapter>
export type ConnectRequest = Parameters<Answer>[0]

export type AnswerOptions = {
  routes: (router: ConnectRouter) => void
  interceptors?: readonly Interceptor[]
  /** Sees each call before its message is read. */
  gate?: (context: HandlerContext) => void
  contextValues?: (request: ConnectRequest) => ContextValues
  /** Absent: no other origin's scripts are let in. */
  cors?: { origins: readonly string[] }
  limits: { readMaxBytes: number; writeMaxBytes: number; maxTimeoutMs: number }
  /** Answers what is no call; absent: 404, as a problem document. */
  other?: Answer
  log: Log
}

/**
 * Everything a connection may ask. @connectrpc/connect-fastify is not used: Fastify's body limit and timeouts do not reach
 * the calls behind it, and its server factory cannot take the two servers that HTTP/1.1 and HTTP/2 on one port need.
 */
export function createAnswer(options: AnswerOptions, isDraining: () => boolean): Answer {
  const { cors, log } = options
  const policy = cors && connectCors(cors.origins)
  const call = createCalls(options)
  return (request, response) => {
    try {
      stripIdentityHeaders(request.headers)
      closeUnreadRequest(request, response)
      cutWhenStuck(response)
      if (request.httpVersionMajor === 1) endWhenDraining(request, response, isDraining)
      for (const [name, value] of Object.entries(policy ? corsHeaders(policy, request) : {}))
        response.setHeader(name, value)
      if (policy && isPreflight(request)) {
        response.statusCode = 204
        response.end()
      } else call(request, response)
    } catch (err) {
      // The adapter throws for a Host that is none, which must not end the process.
      log.debug({ err }, 'unreadable request')
      answerProblem(response, problem(400, 'malformed_request', 'The request names no host, or none that is valid.'))
    }
  }
}

/** What `connectNodeAdapter` does; but that prints what fails on the way to a client, for which our log has a level. */
function createCalls({ routes, interceptors = [], gate, contextValues, limits, other = notFound, log }: AnswerOptions) {
  const router = createConnectRouter({
    acceptCompression: compressions,
    interceptors: [...interceptors],
    ...limits,
    requestGate: (context) => {
      gate?.(context)
      stopReadingWhenOver(context)
    },
  })
  routes(router)
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]))
  const call: Answer = (request, response) => {
    const handler = handlers.get(request.url?.split('?', 1)[0] ?? '')
    if (!handler) return other(request, response)
    capTimeout(request.headers, limits.maxTimeoutMs)
    const values = contextValues?.(request) ?? createContextValues()
    const body = openRequestBody(request)
    limitBody(request, body)
    const asked = universalRequestFromNodeRequest(request, response, undefined, values.set(bodyKey, body))
    handler({ ...asked, body })
      .then((answer) => {
        const empty = problemOfEmpty(answer, request)
        if (!empty) return universalResponseToNodeResponse(answer, response)
        return answerProblem(response, empty, empty.status === 405 ? { allow: handler.allowedMethods.join(', ') } : {})
      })
      .catch((err: unknown) => log.debug({ err, path: handler.requestPath }, 'an answer did not reach its client'))
  }
  return call
}

const bodyKey = createContextKey<RequestBody | undefined>(undefined)

/** connect-es has the deadline of a call end its handler, but not the wait for its message. */
function stopReadingWhenOver({ signal, values }: HandlerContext): void {
  const stop = () => values.get(bodyKey)?.fail(signal.reason)
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
}

/** HTTP/1.1 has its own limit; clients of HTTP/2 could send one byte a day. All our calls take one message. */
function limitBody(request: ConnectRequest, body: RequestBody): void {
  if (!('stream' in request)) return
  const late = () => {
    body.fail(new ConnectError(`the message did not arrive within ${bodyWithinMs} ms`, Code.DeadlineExceeded))
  }
  const timeout = setTimeout(late, bodyWithinMs)
  const stop = () => clearTimeout(timeout)
  request.once('end', stop)
  request.stream.once('close', stop)
}

/** Once the server closes, a connection that would be kept for the next request would keep the server. */
function endWhenDraining(request: ConnectRequest, response: Parameters<Answer>[1], isDraining: () => boolean): void {
  // The request loses its socket when it is destroyed.
  const { socket } = request
  if (isDraining()) response.setHeader('connection', 'close')
  response.once('finish', () => {
    if (isDraining()) socket.end()
  })
}
