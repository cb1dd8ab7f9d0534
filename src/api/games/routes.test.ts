import { describe, expect, it } from 'vitest'
import { GameDescription, GameInfo, GameList, OrdersValidation, StoredOrders } from '../../messages/index.ts'
import { createHttpApp } from '../../platform/http.ts'
import { silentLog } from '../../platform/log.ts'
import { aCache, aGame, alice, eve, gameUid } from './fixtures.ts'
import { gameRoutes } from './routes.ts'
import { createGamesService } from './service.ts'

const session = '5e551000-0000-4000-8000-000000000001'
type Asked = { raceName: string; turn?: number | undefined; orders?: unknown }

/** The routes before an engine that says yes, and what it was asked. */
function anApp() {
  const asked: Asked[] = []
  const service = createGamesService({
    games: aCache(aGame({ status: { engine: { endpoint: 'http://127.0.0.1:1', epoch: 1 } } })),
    fetchGame: async () => undefined,
    wake: () => Promise.reject(new Error('it is awake')),
    called: () => undefined,
    engines: {
      report: async (_engine, race) => {
        asked.push(race)
        return { raceName: race.raceName }
      },
      orders: async (_engine, race) => {
        asked.push(race)
        return { turn: race.turn ?? 5, orders: [] }
      },
      putOrders: async (_engine, orders) => {
        asked.push(orders)
      },
      validateOrders: async (_engine, orders) => {
        asked.push(orders)
        return { orders: orders.orders.map((_, index) => ({ index, ok: true })) }
      },
      describe: async () => ({ name: 'Auction', orders: {}, help: [], stats: [] }),
      status: async () => ({ initialized: true, turn: 4, finished: false, players: [] }),
    },
    namesOf: async () => new Map(),
    namespace: 'default',
    log: silentLog,
  })
  const app = createHttpApp({ log: silentLog })
  app.register(gameRoutes(service))
  const call = (
    method: 'GET' | 'POST',
    url: string,
    { user = alice, payload }: { user?: string; payload?: object } = {},
  ) =>
    app.inject({
      method,
      url,
      headers: { 'x-user-id': user, 'x-device-session-id': session },
      ...(payload && { payload }),
    })
  return { app, call, asked }
}

describe('the routes of games', () => {
  it('answer as the catalogue of messages says', async () => {
    const { call } = anApp()
    expect(GameList.parse((await call('GET', '/lobby/games?scope=mine')).json()).games).toHaveLength(1)
    expect(GameInfo.parse((await call('GET', '/games/andromeda/info')).json()).ready).toBe(true)
    const described = await call('GET', '/games/andromeda/description')
    expect(GameDescription.parse(described.json()).name).toBe('Auction')
    const orders = [{ type: 'x' }]
    const validated = await call('POST', `/games/${gameUid}/orders/validate`, { payload: { turn: 5, orders } })
    expect(OrdersValidation.parse(validated.json())).toEqual({ orders: [{ index: 0, ok: true }] })
    const stored = await call('POST', `/games/${gameUid}/orders`, { payload: { turn: 5, orders: [{ type: 'x' }] } })
    expect(stored.statusCode).toBe(200)
    expect(StoredOrders.parse(stored.json())).toEqual({ turn: 5, orders: [{ type: 'x' }] })
  })

  it('take turns from path and query', async () => {
    const { call, asked } = anApp()
    await call('GET', '/games/andromeda/turns/3/report')
    await call('GET', '/games/andromeda/orders?turn=2')
    await call('GET', '/games/andromeda/orders')
    expect(asked.map(({ turn }) => turn)).toEqual([3, 2, undefined])
  })

  it('take the race from nobody but the roster', async () => {
    const { call, asked } = anApp()
    const payload = { turn: 5, orders: [], raceName: 'Zerks' }
    expect((await call('POST', '/games/andromeda/orders', { payload })).json()).toMatchObject({
      status: 400,
      code: 'invalid_input',
    })
    expect((await call('GET', '/games/andromeda/orders?raceName=Zerks')).statusCode).toBe(400)
    expect(asked).toEqual([])
  })

  it.each([
    ['GET', '/lobby/games'],
    ['GET', '/lobby/games?scope=public'],
    ['GET', '/games/andromeda/turns/-1/report'],
    ['GET', '/games/andromeda/turns/1e3/report'],
    ['GET', '/games/andromeda/turns/1000000000/report'],
    ['GET', '/games/andromeda/orders?turn=0'],
    ['GET', '/games/andromeda/orders?turn=1&turn=2'],
    ['GET', '/games/..%2Fother/info'],
    ['GET', '/games/ANDROMEDA/info'],
    ['POST', '/games/andromeda/orders'],
    ['POST', '/games/andromeda/orders/validate'],
  ] as const)('refuse %s %s', async (method, url) => {
    const { call, asked } = anApp()
    expect((await call(method, url)).json()).toMatchObject({ status: 400, code: 'invalid_input' })
    expect(asked).toEqual([])
  })

  const every = [
    ['GET', '/games/andromeda/info'],
    ['GET', '/games/andromeda/description'],
    ['GET', '/games/andromeda/turns/3/report'],
    ['GET', '/games/andromeda/orders'],
    ['POST', '/games/andromeda/orders'],
    ['POST', '/games/andromeda/orders/validate'],
  ] as const

  it.each(every)('answer a stranger as if the game were not there: %s %s (abuse 39)', async (method, url) => {
    const { call, asked } = anApp()
    const payload = method === 'POST' ? { payload: { turn: 5, orders: [] } } : {}
    const theirs = await call(method, url, { user: eve, ...payload })
    const nobodys = await call(method, url.replace('andromeda', 'nowhere'), { user: eve, ...payload })
    expect(theirs.json()).toMatchObject({ status: 404, code: 'game_not_found' })
    expect(theirs.body).toBe(nobodys.body)
    expect(asked).toEqual([])
  })

  it.each([['GET', '/lobby/games?scope=mine'], ...every] as const)(
    'want to know who asks: %s %s',
    async (method, url) => {
      const answer = await anApp().app.inject({ method, url })
      expect(answer.json()).toMatchObject({ status: 401, code: 'identity_required' })
    },
  )
})
