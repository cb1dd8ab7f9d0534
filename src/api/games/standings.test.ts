import { Agent } from 'undici'
import { afterAll, describe, expect, it } from 'vitest'
import { alice, aService, bob, type EngineCall, gameUid, runningAt, startScriptedEngine } from './fixtures.ts'

const dispatcher = new Agent()
afterAll(() => dispatcher.destroy())

const races = [
  { raceName: 'Terrans', eliminated: false, score: 7, ready: true, stats: { coins: 5, hands: 2 } },
  { raceName: 'Zerks & Sons', eliminated: true, score: -1.5, ready: false, stats: { coins: 9, hands: 3 } },
]
const status = { initialized: true, turn: 4, finished: false, players: races }
const stats = [
  { name: 'coins', title: 'Coins' },
  { name: 'hands', title: 'Hands won', public: true },
]
const auction = { name: 'Auction', orders: {}, help: [{ verb: 'bid', text: 'Bids.' }], stats }

const notFound = { status: 404, body: '<html>no such page</html>' }

/** An engine that answers these, and a 404 of its HTTP server to everything else. */
const engineWith = (answers: Readonly<Record<string, object>>) =>
  startScriptedEngine(({ url }: EngineCall) => {
    const body = answers[url]
    return body ? { body } : notFound
  })

describe('the players of a game', () => {
  it('see score and submission of everybody, their own stats, and of the others those that the engine calls public', async () => {
    await using engine = await engineWith({ '/admin/status': status, '/describe': auction })
    const { info } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    expect((await info(alice, gameUid)).players).toMatchObject([
      { you: true, eliminated: false, score: 7, ready: true, stats: { coins: 5, hands: 2 } },
      { you: false, eliminated: true, score: -1.5, ready: false, stats: { hands: 3 } },
      { race_name: 'Bots', eliminated: null, score: null, ready: null, stats: null },
    ])
    expect((await info(bob, gameUid)).players.map((player) => player.stats)).toEqual([
      { hands: 2 },
      { coins: 9, hands: 3 },
      null,
    ])
    expect(JSON.stringify(await info(bob, gameUid))).not.toContain('coins":5')
  })

  it('see no stats of the others when the engine does not describe itself', async () => {
    await using engine = await engineWith({ '/admin/status': status })
    const { info } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    expect((await info(alice, gameUid)).players.map((player) => player.stats)).toEqual([races[0]?.stats, {}, null])
  })

  it.each([{ players: 'everybody' }, { ...status, players: [{ raceName: 'Terrans', stats: { coins: 'many' } }] }])(
    'see where the game stands when the engine answers nonsense: %j',
    async (nonsense) => {
      await using engine = await engineWith({ '/admin/status': nonsense })
      const { info, called } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
      expect(await info(alice, gameUid)).toMatchObject({ turn: 4, players: [{ score: null }, {}, {}] })
      expect(called).toEqual([])
    },
  )
})

describe('the description of a game', () => {
  it('is what its engine says', async () => {
    await using engine = await engineWith({ '/describe': auction })
    const { description } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    expect(await description(alice, gameUid)).toEqual({
      ...auction,
      stats: [
        { name: 'coins', title: 'Coins' },
        { name: 'hands', title: 'Hands won' },
      ],
    })
  })

  it.each([404, 405, 501])('is not there when the engine answers %i', async (code) => {
    await using engine = await startScriptedEngine(() => ({ status: code, body: {} }))
    const { description } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    await expect(description(alice, gameUid)).rejects.toMatchObject({
      httpStatus: 404,
      reason: 'description_not_found',
    })
  })

  it.each([{ name: 'Auction' }, { ...auction, help: 'none' }])(
    'is no answer of ours when the engine breaks the contract: %j',
    async (nonsense) => {
      await using engine = await engineWith({ '/describe': nonsense })
      const { description } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
      await expect(description(alice, gameUid)).rejects.toMatchObject({ reason: 'engine_unavailable' })
    },
  )
})

describe('orders that are only checked', () => {
  const submission = { turn: 5, orders: [{ bid: 1 }, { bid: 99 }] }

  it('are checked by the engine for the race that the roster gives', async () => {
    const checked = {
      orders: [
        { index: 0, ok: true },
        { index: 1, ok: false, problem: 'too much' },
      ],
    }
    await using engine = await engineWith({ '/orders/validate': checked })
    const { validateOrders } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    expect(await validateOrders(bob, gameUid, submission)).toEqual(checked)
    expect(engine.calls).toMatchObject([{ method: 'POST', body: { raceName: 'Zerks & Sons', ...submission } }])
  })

  it('are refused with a word of their own where the engine has no such call', async () => {
    await using engine = await engineWith({})
    const { validateOrders } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    await expect(validateOrders(bob, gameUid, submission)).rejects.toMatchObject({
      httpStatus: 501,
      reason: 'validation_not_supported',
    })
  })

  it.each(['orders_closed', 'unknown_race'])('are refused as the engine says: %s', async (code) => {
    await using engine = await startScriptedEngine(() => ({
      status: code === 'unknown_race' ? 404 : 409,
      body: { code },
    }))
    const { validateOrders } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    await expect(validateOrders(bob, gameUid, submission)).rejects.toMatchObject({ reason: code })
  })
})
