import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { parse } from 'node:querystring'
import { Refusal } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import { type Problem, problemOf, problemOfBug } from '../../platform/wire.ts'
import { readJson } from './body.ts'

/** A call as its route sees it. */
export type Call = {
  headers: IncomingHttpHeaders
  query: Readonly<Record<string, unknown>>
  /** Undefined when the call has none; throws a Refusal when it is no JSON. */
  body: () => Promise<unknown>
}

/** Gives the answer as JSON text: some are stored as text, to be the same bytes each time. Throws Refusals. */
export type Route = (call: Call) => Promise<string>

/** By method and path: `GET /healthz`. */
export type Routes = ReadonlyMap<string, Route>

export type AnswerNeeds = {
  routes: Routes
  log: Log
  /** Called before anything else; throws a Refusal to turn calls away. */
  requireOpen: () => void
}

type Answer = { status: number; type: string; text: string }

/** Answers one request, whatever happens. */
export async function answerRequest(needs: AnswerNeeds, request: IncomingMessage, response: ServerResponse) {
  const startedAt = performance.now()
  const { status, type, text } = await answerTo(needs, request)
  // Else all the rest of a body that is too large would be read.
  if (status === 413) response.setHeader('connection', 'close')
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
  const ms = Math.round(performance.now() - startedAt)
  // Without the query: it names the player's race.
  needs.log.debug({ method: request.method, path: request.url?.split('?')[0], status, ms }, 'call answered')
}

async function answerTo({ routes, log, requireOpen }: AnswerNeeds, request: IncomingMessage): Promise<Answer> {
  const { method = '', url = '', headers } = request
  const [path = '', search = ''] = url.split('?', 2)
  try {
    requireOpen()
    const route = routes.get(`${method === 'HEAD' ? 'GET' : method} ${path}`)
    if (!route) throw new Refusal('missing', 'not_found', `There is no ${method} ${url} here.`)
    const text = await route({ headers, query: parse(search), body: () => readJson(request) })
    return { status: 200, type: 'application/json', text }
  } catch (error) {
    if (error instanceof Refusal) return sent(problemOf(error))
    log.error({ err: error }, 'unhandled')
    return sent(problemOfBug())
  }
}

function sent(body: Problem): Answer {
  return { status: body.status, type: 'application/problem+json', text: JSON.stringify(body) }
}
