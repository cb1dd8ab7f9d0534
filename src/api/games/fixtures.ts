import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Agent } from 'undici'
import { createPlayerEngineClient } from '../../engine-contract/index.ts'
import { silentLog } from '../../platform/log.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import { Game } from '../../resources/index.ts'
import type { StoredOrders } from '../../messages/index.ts'
import type { EngineCallsNeeds } from './engine-calls.ts'
import { engineNotReady } from './engine-refusal.ts'
import { createGamesService } from './service.ts'

/** For tests of this room: games, a cache of them, and an engine that answers as it is told. */
export const alice = 'a11ce000-0000-4000-8000-000000000001'
export const bob = 'b0b00000-0000-4000-8000-000000000002'
export const eve = 'e0e00000-0000-4000-8000-000000000003'
export const gameUid = '9a3e0000-0000-4000-8000-000000000009'

/** Those who have an account. */
const accounts = new Map([
  [alice, { userName: 'Player-A11CE', displayName: 'Alice' }],
  [eve, { userName: 'Player-EVE', displayName: 'Eve' }],
])

type Parts = { metadata?: object; spec?: object; status?: object; version?: number }

/** A game that alice and bob play, in its fourth turn. */
export function aGame({ metadata = {}, spec = {}, status = {}, version = 1 }: Parts = {}): Game {
  return Game.parse({
    metadata: {
      name: 'andromeda',
      namespace: 'default',
      uid: gameUid,
      resourceVersion: String(version),
      creationTimestamp: '2026-03-01T11:00:00Z',
      ...metadata,
    },
    spec: {
      displayName: 'Andromeda 7',
      engine: { version: '~1.0' },
      players: [
        { userId: alice, raceName: 'Terrans' },
        { userId: bob, raceName: 'Zerks & Sons' },
        { userId: 'user-0', raceName: 'Bots' },
      ],
      ...spec,
    },
    status: { phase: 'Running', conditions: playing(), turn: aTurn(4), ...status },
  })
}

export function holds(type: string, { status = 'True', reason = 'Test' } = {}) {
  return { type, status, reason, message: '', lastTransitionTime: '2026-03-01T11:30:00Z' }
}

export function playing() {
  return [holds('Initialized'), holds('Ready'), holds('TurnsActive')]
}

/** Turns rest for this reason. */
export function resting(reason: string) {
  return [holds('Initialized'), holds('Ready'), holds('TurnsActive', { status: 'False', reason })]
}

export function aTurn(number: number, change: object = {}) {
  return { number, lastAt: '2026-03-01T12:00:00.000Z', nextAt: '2026-03-02T12:00:00.000Z', ...change }
}

/** A cache that has come to know these games. */
export function aCache(...games: readonly Game[]) {
  return {
    list: () => [...games],
    get: ({ namespace, name }: ObjectKey) =>
      games.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    hasSynced: () => true,
  }
}

export type EngineCall = {
  method: string
  url: string
  epoch: string | undefined
  game: string | undefined
  body: unknown
}
type Answer = { status?: number; body: unknown }

/** An engine on a port of its own, and what it has been asked. */
export async function startScriptedEngine(answer: (call: EngineCall) => Answer) {
  const calls: EngineCall[] = []
  const server = createServer((request, response) => {
    void text(request).then((sent) => {
      const header = (name: string) => request.headersDistinct[name]?.[0]
      const call = {
        method: request.method ?? '',
        url: request.url ?? '',
        epoch: header('x-galaxy-epoch'),
        game: header('x-galaxy-game'),
        body: sent === '' ? undefined : JSON.parse(sent),
      }
      calls.push(call)
      const { status = 200, body } = answer(call)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    endpoint: `http://127.0.0.1:${port}`,
    calls,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

type Platform = {
  cached: readonly Game[]
  fresh?: () => Game | undefined
  synced?: boolean
  wake?: EngineCallsNeeds['wake']
}

const nobodyWakes = () => Promise.reject(engineNotReady())

/** The service over a platform whose cache holds these games, while the API itself would answer `fresh`. */
export function aService(
  dispatcher: Agent,
  { cached, fresh = () => cached[0], synced = true, wake = nobodyWakes }: Platform,
) {
  const called: string[] = []
  let looks = 0
  const service = createGamesService({
    games: { ...aCache(...cached), hasSynced: () => synced },
    fetchGame: async () => {
      looks += 1
      return fresh()
    },
    wake,
    called: (game) => void called.push(game.metadata.name),
    engines: createPlayerEngineClient({ dispatcher }),
    namesOf: async (userIds) => new Map([...accounts].filter(([id]) => userIds.includes(id))),
    namespace: 'default',
    engineTimeoutMs: 2000,
    log: silentLog,
  })
  const within = (userId: string) => ({ userId, timeoutMs: 9000 })
  return {
    ...service,
    info: (userId: string, gameId: string) => service.info({ userId }, gameId),
    description: (userId: string, gameId: string) => service.description(within(userId), gameId),
    validateOrders: (userId: string, ...rest: [string, StoredOrders]) =>
      service.validateOrders(within(userId), ...rest),
    report: (userId: string, ...rest: [string, number]) => service.report(within(userId), ...rest),
    orders: (userId: string, ...rest: [string, number?]) => service.orders(within(userId), ...rest),
    submitOrders: (userId: string, ...rest: [string, StoredOrders]) => service.submitOrders(within(userId), ...rest),
    looks: () => looks,
    called,
  }
}

export const runningAt = (endpoint: string, epoch = 3, parts: { spec?: object } = {}) =>
  aGame({ ...parts, status: { engine: { endpoint, epoch } } })
