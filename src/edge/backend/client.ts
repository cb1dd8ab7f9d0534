import { type Dispatcher, errors } from 'undici'
import { z } from 'zod'
import { Refusal } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import { inSpan } from '../../platform/telemetry/index.ts'
import { invalidAnswer, readAnswer, unavailable } from './answer.ts'
import { withinDeadline } from './deadline.ts'
import { type BackendAnswer, type BackendCall, type BackendClient, SessionRecord } from './model.ts'
import { newTraceId, traceparent } from './trace.ts'

/** What an answer takes to get here. */
const answerMs = 250

export type BackendOptions = {
  /** `http://backend:8080`, perhaps with a path before the API's. */
  baseUrl: string
  serviceToken: string
  /** A pool of kept connections; whoever made it closes it. */
  dispatcher: Dispatcher
  timeoutMs: number
  log: Log
}

/** The gateway's one way to the backend's REST API. */
export function createBackendClient({
  baseUrl,
  serviceToken,
  dispatcher,
  timeoutMs,
  log,
}: BackendOptions): BackendClient {
  const { origin, pathname } = new URL(baseUrl)
  const prefix = pathname.replace(/\/+$/, '')
  const authorization = `Bearer ${serviceToken}`
  return { call, session }

  /**
   * One call with a deadline; a GET is made once more when its connection breaks.
   * @throws Refusal `backend_unavailable` (unavailable or late) or `upstream_invalid`
   */
  function call(asked: BackendCall): Promise<BackendAnswer> {
    // Not the path: it has ids in it.
    return inSpan(`backend ${asked.method}`, { kind: 'client' }, () => exchange(asked))
  }

  async function exchange(asked: BackendCall): Promise<BackendAnswer> {
    try {
      const deadline = { signal: asked.signal, timeoutMs: asked.timeoutMs ?? timeoutMs }
      const answer = await withinDeadline(deadline, (signal) => sendTwiceIfSafe({ ...asked, ...deadline, signal }))
      if (answer.status === 401) throw invalidAnswer('it refuses the service credential of this gateway')
      // 503 is how the backend says that a game's engine is not ready, all day long.
      if (answer.status >= 500 && answer.status !== 503) logStatus(asked, answer)
      return answer
    } catch (error) {
      const refusal = error instanceof Refusal ? error : unavailable(error)
      if (!asked.signal.aborted) logFailure(asked, refusal)
      throw refusal
    }
  }

  /**
   * The session of that id, asked of the backend each time: whatever were kept here would outlive a revocation.
   * @throws Refusal as `call` does
   */
  async function session(id: string, signal: AbortSignal, traceId?: string): Promise<SessionRecord | undefined> {
    const path = `/api/v1/internal/sessions/${encodeURIComponent(id)}`
    const { status, json } = await call({ method: 'GET', path, signal, ...(traceId && { traceId }) })
    if (status === 404 && NoSession.safeParse(json).success) return undefined
    const record = SessionRecord.safeParse(json)
    if (status === 200 && record.success && record.data.id === id.toLowerCase()) return record.data
    const isAway = (status >= 502 && status <= 504) || (status === 500 && Bug.safeParse(json).success)
    const refusal = isAway ? unavailable() : invalidAnswer(`status ${status} to a session's id`, record.error)
    log.error({ err: refusal, status }, 'the backend does not tell about a session')
    throw refusal
  }

  async function sendTwiceIfSafe(asked: BackendCall): Promise<BackendAnswer> {
    try {
      return await send(asked)
    } catch (error) {
      // A kept connection may have been closed by the backend just when it is used again.
      if (asked.method !== 'GET' || asked.signal.aborted || !isBrokenConnection(error)) throw error
      return await send(asked)
    }
  }

  async function send({
    method,
    path,
    body,
    headers,
    traceId,
    signal,
    timeoutMs = 0,
  }: BackendCall): Promise<BackendAnswer> {
    const answer = await dispatcher.request({
      origin,
      path: prefix + path,
      method,
      headers: {
        ...headers,
        authorization,
        accept: 'application/json, application/problem+json',
        traceparent: traceparent(traceId ?? newTraceId()),
        // So long may it hold the call: what takes longer nobody waits for any more.
        'x-request-timeout-ms': String(Math.max(1, timeoutMs - answerMs)),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    })
    return readAnswer(answer)
  }

  function logFailure(asked: BackendCall, refusal: Refusal): void {
    log.error({ err: refusal, trace_id: asked.traceId }, `the backend did not answer ${routeOf(asked)} as it should`)
  }

  function logStatus(asked: BackendCall, { status }: BackendAnswer): void {
    log.warn({ status, trace_id: asked.traceId }, `the backend failed at ${routeOf(asked)}`)
  }
}

/** Without its query: the path alone says which call it was. */
function routeOf({ method, path }: BackendCall): string {
  return `${method} ${path.split('?')[0]}`
}

/** Any other 404 comes from something that is not the backend; taken for this one, it would sign everybody out. */
const NoSession = z.object({ code: z.literal('session_not_found') })

/** The backend's own answer to a bug of its own. */
const Bug = z.object({ status: z.literal(500), code: z.literal('internal') })

function isBrokenConnection(error: unknown): boolean {
  if (error instanceof errors.SocketError) return true
  return (
    error instanceof Error && 'code' in error && ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(String(error.code))
  )
}
