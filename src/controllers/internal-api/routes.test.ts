import { describe, expect, it } from 'vitest'
import { createHttpApp } from '../../platform/http.ts'
import { silentLog } from '../../platform/log.ts'
import { Game } from '../../resources/index.ts'
import { internalApiRoutes } from './routes.ts'
import { createInternalApiService } from './service.ts'

const holds = (type: string) => ({
  type,
  status: 'True',
  reason: 'Test',
  message: '',
  lastTransitionTime: '2026-03-01T12:00:00Z',
})

function aStore(spec: object = {}, status: object = {}) {
  const metadata = {
    name: 'x',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-03-01T12:00:00Z',
  }
  const store = { game: Game.parse({ metadata, spec: { engine: { version: '1' }, ...spec }, status }), writes: 0 }
  const service = createInternalApiService({
    games: {
      get: async ({ name, namespace }) => (name === 'x' && namespace === 'default' ? store.game : undefined),
      patch: async (_key, change) => {
        store.writes += 1
        const { spec: specChange = {}, status: statusChange = {} } = change as { spec?: object; status?: object }
        const changed = {
          spec: { ...store.game.spec, ...specChange },
          status: { ...store.game.status, ...statusChange },
        }
        return (store.game = Game.parse({ ...store.game, ...changed }))
      },
    },
    now: () => new Date('2026-03-01T13:00:00Z'),
    newId: () => 'new-id',
  })
  const app = createHttpApp({ log: silentLog })
  app.register(internalApiRoutes({ service, serviceToken: 'secret' }), { prefix: '/api/v1/internal' })
  const call = (method: 'GET' | 'POST', path: string, headers: Record<string, string> = {}) =>
    app.inject({ method, url: `/api/v1/internal${path}`, headers: { authorization: 'Bearer secret', ...headers } })
  return { store, app, call }
}

const lobbyGame = { enrollment: { minPlayers: 1, maxPlayers: 2 } }
const playing = {
  conditions: [holds('Ready'), holds('TurnsActive')],
  engine: { endpoint: 'http://127.0.0.1:1', epoch: 3 },
}

describe('the internal api', () => {
  it.each(['Bearer wrong', 'secret', ''])('refuses the credential "%s"', async (authorization) => {
    const answer = await aStore().call('GET', '/healthz', { authorization })
    expect(answer.statusCode).toBe(401)
    expect(answer.json().code).toBe('service_credential_required')
  })

  it('says that there is no such game', async () => {
    const { call } = aStore()
    expect((await call('GET', '/games/y/engine')).json()).toMatchObject({ status: 404, code: 'game_not_found' })
    expect((await call('GET', '/games/x/engine?namespace=other')).statusCode).toBe(404)
    expect((await call('GET', '/games/..%2fx/engine')).json()).toMatchObject({ status: 400, code: 'invalid_input' })
  })

  it('registers the runtime of a lobby game once', async () => {
    const { call, store } = aStore(lobbyGame)
    const answer = { name: 'x', namespace: 'default', registeredAt: '2026-03-01T13:00:00.000Z' }
    expect((await call('POST', '/games/x/register-runtime')).json()).toEqual(answer)
    expect((await call('POST', '/games/x/register-runtime')).json()).toEqual(answer)
    expect(store.writes).toBe(1)
  })

  it("refuses to register a game that is not the lobby's", async () => {
    expect((await aStore().call('POST', '/games/x/register-runtime')).json().code).toBe('not_a_lobby_game')
  })

  it('forces a turn by a new token, once for one idempotency key', async () => {
    const { call, store } = aStore({}, playing)
    expect((await call('POST', '/games/x/force-next-turn')).json().forceToken).toBe('new-id')
    for (const _ of [1, 2]) {
      const answer = await call('POST', '/games/x/force-next-turn', { 'idempotency-key': 'k1' })
      expect(answer.statusCode).toBe(202)
    }
    expect(store.game.spec.turns?.forceToken).toBe('k1')
    expect(store.writes).toBe(2)
  })

  it('refuses to force a turn of a game that runs none', async () => {
    expect((await aStore().call('POST', '/games/x/force-next-turn')).json()).toMatchObject({ code: 'turns_not_active' })
  })

  it('tells where the engine is, once it is ready', async () => {
    expect((await aStore({}, playing).call('GET', '/games/x/engine')).json()).toMatchObject({
      endpoint: 'http://127.0.0.1:1',
      epoch: 3,
    })
    expect((await aStore().call('GET', '/games/x/engine')).json()).toMatchObject({
      status: 503,
      code: 'engine_not_ready',
    })
  })
})
