import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { gameHeader } from '../../src/engine-contract/index.ts'
import { serveUntilSignalled } from './serving.ts'

/**
 * Thousands of engines behind one address, told apart by the game that a call is for. A turn takes 20 ms, as the
 * reference engine's does. `/turns` tells when each turn was done, and how many were ever generated at once.
 */
const turnMs = 20
const turns = new Map<string, number>()
const done: { game: string; turn: number; atMs: number }[] = []
let running = 0
let mostAtOnce = 0

async function answer(request: IncomingMessage): Promise<object> {
  const game = String(request.headers[gameHeader] ?? '')
  switch (`${request.method} ${request.url}`) {
    case 'GET /healthz':
      return { status: 'ok' }
    case 'GET /admin/status':
      return { initialized: turns.has(game), turn: turns.get(game) ?? 0, finished: false, players: [] }
    case 'POST /admin/init':
      turns.set(game, turns.get(game) ?? 0)
      return {}
    case 'PUT /admin/turn':
      return generate(game, Object(await json(request)).turn)
    case 'GET /turns':
      return { done, mostAtOnce }
    default:
      throw new Error(`no engine answers ${request.method} ${request.url}`)
  }
}

async function generate(game: string, turn: number): Promise<object> {
  running += 1
  mostAtOnce = Math.max(mostAtOnce, running)
  await delay(turnMs)
  running -= 1
  turns.set(game, turn)
  done.push({ game, turn, atMs: Date.now() })
  return {}
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

await serveUntilSignalled((request, response) => {
  answer(request).then(
    (body) => send(response, 200, body),
    (error: unknown) => send(response, 404, { detail: String(error) }),
  )
})
