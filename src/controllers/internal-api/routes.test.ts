import { describe, expect, it } from 'vitest'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'
import { aStore, holds } from './fixtures.ts'

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

  it('forces a turn by an annotation, once for one idempotency key, and leaves the spec as it is', async () => {
    const { call, store } = aStore({ turns: { forceToken: 'of-git' } }, playing)
    expect((await call('POST', '/games/x/force-next-turn')).json().forceToken).toBe('new-id')
    for (const _ of [1, 2]) {
      const answer = await call('POST', '/games/x/force-next-turn', { 'idempotency-key': 'k1' })
      expect(answer.statusCode).toBe(202)
    }
    expect(store.game.metadata.annotations).toEqual({ 'galaxy.dev/force-turn': 'k1' })
    expect(store.game.spec.turns?.forceToken).toBe('of-git')
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

  it('notes that players call a game that can sleep, and not again a moment later', async () => {
    const { call, store, tick } = aStore({ hibernation: { idleAfter: '15m' } }, playing)
    expect((await call('POST', '/games/x/activity')).statusCode).toBe(200)
    tick(20_000)
    await call('POST', '/games/x/activity')
    expect(store.game.metadata.annotations).toEqual({ 'galaxy.dev/last-activity': '2026-03-01T13:00:00.000Z' })
    tick(20_000)
    await call('POST', '/games/x/activity')
    expect(store.game.metadata.annotations).toEqual({ 'galaxy.dev/last-activity': '2026-03-01T13:00:40.000Z' })
  })

  it('notes nothing of a game that never sleeps', async () => {
    const { call, store } = aStore({}, playing)
    expect((await call('POST', '/games/x/activity')).statusCode).toBe(200)
    expect(store.writes).toBe(0)
  })

  it.each([
    { error: new KubernetesError(0, 'Unreachable', 'reset'), status: 503, code: 'service_unavailable' },
    { error: new KubernetesError(409, 'Conflict', 'modified'), status: 409, code: 'game_changed' },
    { error: new KubernetesError(404, 'NotFound', 'gone'), status: 404, code: 'game_not_found' },
    { error: new KubernetesError(403, 'Forbidden', 'no'), status: 500, code: 'internal' },
  ])('answers $status when a write fails with $error.reason', async ({ error, status, code }) => {
    const { call, fail } = aStore({ hibernation: { idleAfter: '15m' } }, playing)
    fail(error)
    for (const path of ['/games/x/wake', '/games/x/force-next-turn']) {
      expect((await call('POST', path)).json()).toMatchObject({ status, code })
    }
  })
})
