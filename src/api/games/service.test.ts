import { Agent } from 'undici'
import { afterAll, describe, expect, it } from 'vitest'
import { aGame, alice, aService, bob, eve, gameUid, runningAt, startScriptedEngine } from './fixtures.ts'

const dispatcher = new Agent()
afterAll(() => dispatcher.destroy())

describe('the games of a player', () => {
  it('are those with a seat for them, by name', () => {
    const games = ['zeta', 'beta'].map((name) =>
      aGame({ metadata: { name, uid: gameUid.replace('9', name.length === 4 ? '8' : '7') } }),
    )
    const foreign = aGame({ metadata: { name: 'foreign' }, spec: { players: [{ userId: eve, raceName: 'Eves' }] } })
    const { listMine } = aService(dispatcher, { cached: [...games, foreign] })
    expect(listMine(alice).map(({ name }) => name)).toEqual(['beta', 'zeta'])
    expect(listMine(eve).map(({ name }) => name)).toEqual(['foreign'])
  })

  it('are told with the race that the roster gives them', async () => {
    const { listMine, info } = aService(dispatcher, { cached: [aGame()] })
    const summary = {
      id: gameUid,
      name: 'andromeda',
      display_name: 'Andromeda 7',
      phase: 'Running',
      turn: 4,
      next_turn_at: '2026-03-02T12:00:00.000Z',
      race_name: 'Zerks & Sons',
    }
    expect(listMine(bob)).toEqual([summary])
    const unsaid = { eliminated: null, score: null, ready: null, stats: null }
    const nobody = { user_name: null, display_name: null }
    expect(await info(bob, gameUid)).toEqual({
      ...summary,
      ready: false,
      last_turn_at: '2026-03-01T12:00:00.000Z',
      running_turn: null,
      players: [
        { race_name: 'Terrans', you: false, user_name: 'Player-A11CE', display_name: 'Alice', ...unsaid },
        { race_name: 'Zerks & Sons', you: true, ...nobody, ...unsaid },
        { race_name: 'Bots', you: false, ...nobody, ...unsaid },
      ],
      result: null,
    })
  })

  it('do not tell the ids of the others', async () => {
    const { info } = aService(dispatcher, { cached: [aGame()] })
    expect(JSON.stringify(await info(bob, gameUid))).not.toContain(alice)
  })

  it('are found by name in the default namespace only', async () => {
    const elsewhere = aGame({ metadata: { namespace: 'other' } })
    expect((await aService(dispatcher, { cached: [aGame()] }).info(alice, 'andromeda')).id).toBe(gameUid)
    await expect(aService(dispatcher, { cached: [elsewhere] }).info(alice, 'andromeda')).rejects.toThrow('no such game')
    expect((await aService(dispatcher, { cached: [elsewhere] }).info(alice, gameUid)).name).toBe('andromeda')
  })

  it('cannot be hidden by a game that is named like the id of another', async () => {
    const imposter = aGame({ metadata: { name: gameUid, uid: gameUid.replace('9', '8') } })
    expect((await aService(dispatcher, { cached: [imposter, aGame()] }).info(alice, gameUid)).name).toBe('andromeda')
  })

  it('are not guessed at before the cache has its first list', async () => {
    const service = aService(dispatcher, { cached: [], synced: false })
    await expect(service.info(alice, gameUid)).rejects.toThrow(
      expect.objectContaining({ kind: 'unavailable', reason: 'not_ready' }),
    )
    expect(() => service.listMine(alice)).toThrow(expect.objectContaining({ reason: 'not_ready' }))
  })
})

describe('a game that is not yours (abuse 39)', () => {
  const deleted = aGame({ metadata: { deletionTimestamp: '2026-03-01T13:00:00Z' } })
  const strangers = [
    { who: 'a stranger', user: eve, cached: [aGame()], id: gameUid },
    { who: 'nobody, as it does not exist', user: alice, cached: [], id: gameUid },
    { who: 'a player of a game that is being deleted', user: alice, cached: [deleted], id: gameUid },
    { who: 'somebody who tries the name', user: eve, cached: [aGame()], id: 'andromeda' },
  ]

  it.each(strangers)('is not there for $who, whatever is asked', async ({ user, cached, id }) => {
    const service = aService(dispatcher, { cached })
    const asked = [
      () => service.info(user, id),
      () => service.description(user, id),
      () => service.validateOrders(user, id, { turn: 5, orders: [] }),
      () => service.report(user, id, 1),
      () => service.orders(user, id),
      () => service.submitOrders(user, id, { turn: 5, orders: [] }),
    ]
    const answers = await Promise.all(asked.map((ask) => ask().catch((error: unknown) => error)))
    for (const answer of answers) {
      expect(answer).toMatchObject({
        httpStatus: 404,
        reason: 'game_not_found',
        message: 'There is no such game of yours.',
      })
    }
  })

  it('has its engine asked nothing', async () => {
    await using engine = await startScriptedEngine(() => ({ body: {} }))
    const service = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    await expect(service.submitOrders(eve, gameUid, { turn: 5, orders: [] })).rejects.toThrow('no such game')
    expect(engine.calls).toEqual([])
  })
})
