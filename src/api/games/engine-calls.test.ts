import { Agent } from 'undici'
import { afterAll, describe, expect, it } from 'vitest'
import {
  aGame,
  alice,
  aService,
  aTurn,
  bob,
  type EngineCall,
  gameUid,
  holds,
  runningAt,
  startScriptedEngine,
} from './fixtures.ts'

const dispatcher = new Agent()
afterAll(() => dispatcher.destroy())

const refusal = (status: number, code: string, more: object = {}) => ({
  status,
  body: { status, code, detail: 'No.', ...more },
})

/** Where nobody listens. */
async function anEmptyAddress(): Promise<string> {
  const engine = await startScriptedEngine(() => ({ body: {} }))
  await engine[Symbol.asyncDispose]()
  return engine.endpoint
}

describe("a player's call to the engine", () => {
  it('carries the race of the roster, the turn, the epoch and the game', async () => {
    await using engine = await startScriptedEngine(({ url }) => ({
      body: url.startsWith('/report')
        ? { raceName: 'Zerks & Sons', turn: 4 }
        : { raceName: 'x', turn: 5, orders: [{ type: 'scrap' }] },
    }))
    const service = aService(dispatcher, { cached: [runningAt(engine.endpoint, 7)] })
    expect(await service.report(bob, gameUid, 4)).toEqual({ raceName: 'Zerks & Sons', turn: 4 })
    expect(await service.orders(bob, gameUid)).toEqual({ turn: 5, orders: [{ type: 'scrap' }] })
    const submission = { turn: 5, orders: [{ type: 'unload', group: 2 }] }
    expect(await service.submitOrders(bob, gameUid, submission)).toEqual(submission)
    const meant = { epoch: '7', game: gameUid }
    expect(engine.calls).toEqual([
      { method: 'GET', url: '/report?raceName=Zerks%20%26%20Sons&turn=4', ...meant, body: undefined },
      { method: 'GET', url: '/orders?raceName=Zerks%20%26%20Sons', ...meant, body: undefined },
      { method: 'PUT', url: '/orders', ...meant, body: { raceName: 'Zerks & Sons', ...submission } },
    ])
  })

  const passedOn = [
    {
      from: refusal(422, 'invalid_orders', { errors: [{ index: 0, message: 'no such group' }] }),
      status: 422,
      errors: true,
    },
    { from: refusal(409, 'orders_closed'), status: 409 },
    { from: refusal(404, 'unknown_turn'), status: 404 },
    { from: refusal(400, 'invalid_input'), status: 400 },
  ]

  it.each(passedOn)(
    'that is refused ($from.body.code) is refused in the same words',
    async ({ from, status, errors = false }) => {
      await using engine = await startScriptedEngine(() => from)
      const { submitOrders } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
      await expect(submitOrders(alice, gameUid, { turn: 5, orders: [{}] })).rejects.toMatchObject({
        httpStatus: status,
        reason: from.body.code,
        message: 'No.',
        details: errors ? { errors: [{ index: 0, message: 'no such group' }] } : {},
      })
    },
  )

  it.each([
    { what: '401', answer: refusal(401, 'service_credential_required') },
    { what: '403', answer: refusal(403, 'session_revoked') },
    { what: '405', answer: { status: 405, body: '<html>' } },
    { what: '500', answer: refusal(500, 'internal', { detail: '/var/lib/galaxy/secret' }) },
    { what: '503', answer: refusal(503, 'state_unwritable') },
    { what: 'a report that is none', answer: { body: [1] } },
    { what: 'no JSON', answer: { body: 'hello' } },
    { what: 'more than a mebibyte', answer: { body: { text: 'x'.repeat(1_100_000) } } },
    { what: 'a missing epoch', answer: refusal(400, 'epoch_required') },
  ])('that the engine answers with $what is told as an engine that does not answer', async ({ answer }) => {
    await using engine = await startScriptedEngine(() => answer)
    const { report } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    await expect(report(alice, gameUid, 1)).rejects.toMatchObject({
      httpStatus: 503,
      reason: 'engine_unavailable',
      message: 'The engine of this game does not answer.',
      details: { retry_after_ms: 2000 },
    })
  })

  it('keeps only words for its reason that can be relied upon', async () => {
    await using engine = await startScriptedEngine(() => refusal(409, 'Nope! <b>'))
    const { report } = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    await expect(report(alice, gameUid, 1)).rejects.toMatchObject({ httpStatus: 409, reason: 'engine_refused' })
  })

  it.each([
    {
      what: 'Ready is false',
      status: {
        conditions: [holds('Ready', { status: 'False' })],
        engine: { endpoint: 'http://127.0.0.1:1', epoch: 1 },
      },
    },
    { what: 'there is no address', status: { engine: { epoch: 1 } } },
  ])('waits for an engine: $what', async ({ status }) => {
    const service = aService(dispatcher, { cached: [aGame({ status })] })
    await expect(service.orders(alice, gameUid)).rejects.toMatchObject({ httpStatus: 503, reason: 'engine_not_ready' })
    expect((await service.info(alice, gameUid)).ready).toBe(false)
  })
})

describe('an engine that has moved since the cache saw it', () => {
  const stale = ({ epoch }: EngineCall) => (epoch === '3' ? refusal(409, 'stale_epoch') : { body: { turn: 4 } })

  it('is called at its new address, when nobody is at the old one', async () => {
    const gone = await anEmptyAddress()
    await using engine = await startScriptedEngine(() => ({ body: { turn: 4 } }))
    const service = aService(dispatcher, { cached: [runningAt(gone)], fresh: () => runningAt(engine.endpoint, 4) })
    expect(await service.report(alice, gameUid, 4)).toEqual({ turn: 4 })
    expect(engine.calls).toMatchObject([{ epoch: '4' }])
  })

  it('is called at its new address, when the engine of another game is at the old one', async () => {
    await using other = await startScriptedEngine(() => refusal(409, 'wrong_game'))
    await using engine = await startScriptedEngine(() => ({ body: { turn: 4 } }))
    const fresh = () => runningAt(engine.endpoint, 3)
    const service = aService(dispatcher, { cached: [runningAt(other.endpoint)], fresh })
    expect(await service.report(alice, gameUid, 4)).toEqual({ turn: 4 })
    expect(other.calls).toHaveLength(1)
  })

  it('is told as one that does not answer, while the engine of another game is where it is said to be', async () => {
    await using other = await startScriptedEngine(() => refusal(409, 'wrong_game'))
    const service = aService(dispatcher, { cached: [runningAt(other.endpoint)] })
    await expect(service.report(alice, gameUid, 4)).rejects.toMatchObject({ reason: 'engine_unavailable' })
  })

  it('is called under its new epoch', async () => {
    await using engine = await startScriptedEngine(stale)
    const service = aService(dispatcher, {
      cached: [runningAt(engine.endpoint)],
      fresh: () => runningAt(engine.endpoint, 4),
    })
    expect(await service.report(alice, gameUid, 4)).toEqual({ turn: 4 })
    expect(service.looks()).toBe(1)
  })

  it('is not called again and again when it has not moved', async () => {
    await using engine = await startScriptedEngine(stale)
    const service = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    await expect(service.report(alice, gameUid, 4)).rejects.toMatchObject({ reason: 'engine_unavailable' })
    expect(engine.calls).toHaveLength(1)
  })

  it('is not called twice for a refusal that a new address would not cure', async () => {
    await using engine = await startScriptedEngine(() => refusal(409, 'orders_closed'))
    const service = aService(dispatcher, { cached: [runningAt(engine.endpoint)] })
    await expect(service.report(alice, gameUid, 4)).rejects.toMatchObject({ reason: 'orders_closed' })
    expect(service.looks()).toBe(0)
  })

  const meanwhile = [
    { what: 'not ready', fresh: () => aGame({ status: { conditions: [] } }), reason: 'engine_not_ready' },
    { what: 'gone', fresh: () => undefined, reason: 'game_not_found' },
    {
      what: 'another game of that name',
      fresh: () => aGame({ metadata: { uid: gameUid.replace('9', '8') } }),
      reason: 'game_not_found',
    },
    {
      what: 'no longer theirs',
      fresh: () => runningAt('http://127.0.0.1:1', 4, { spec: { players: [] } }),
      reason: 'game_not_found',
    },
    {
      what: 'unknown, as the Kubernetes API is away',
      fresh: () => {
        throw new Error('away')
      },
      reason: 'engine_unavailable',
    },
  ]

  it.each(meanwhile)('is told as it is now: $what', async ({ fresh, reason }) => {
    const service = aService(dispatcher, { cached: [runningAt(await anEmptyAddress())], fresh })
    await expect(service.report(alice, gameUid, 4)).rejects.toMatchObject({ reason })
  })

  it('is told as not ready while it has not created the game', async () => {
    await using engine = await startScriptedEngine(() => refusal(409, 'not_initialized'))
    const { report } = aService(dispatcher, {
      cached: [aGame({ status: { turn: aTurn(0), engine: { endpoint: engine.endpoint, epoch: 1 } } })],
    })
    await expect(report(alice, gameUid, 0)).rejects.toMatchObject({ reason: 'engine_not_ready' })
  })
})

describe("a player's call to an engine that sleeps", () => {
  const spec = { hibernation: { idleAfter: '15m' } }
  const asleep = () => {
    const hibernated = ['EngineReady', 'Ready'].map((type) => holds(type, { status: 'False', reason: 'Hibernated' }))
    const conditions = [holds('Initialized'), ...hibernated]
    return aGame({ spec, status: { phase: 'Hibernated', conditions, engine: { epoch: 3 } } })
  }

  it('wakes it, and reaches it where it is then', async () => {
    await using engine = await startScriptedEngine(() => ({ body: { turn: 4 } }))
    const woken = { endpoint: engine.endpoint, epoch: 4, gameId: gameUid }
    const service = aService(dispatcher, { cached: [asleep()], wake: async () => woken })
    expect(await service.report(alice, gameUid, 4)).toEqual({ turn: 4 })
    expect(engine.calls).toMatchObject([{ epoch: '4', game: gameUid }])
    expect(service.called).toEqual(['andromeda'])
  })

  it('wakes it also when it fell asleep unseen', async () => {
    await using engine = await startScriptedEngine(() => ({ body: { turn: 4 } }))
    const cached = [runningAt(await anEmptyAddress(), 3, { spec })]
    const woken = { endpoint: engine.endpoint, epoch: 4, gameId: gameUid }
    const service = aService(dispatcher, { cached, fresh: asleep, wake: async () => woken })
    expect(await service.report(alice, gameUid, 4)).toEqual({ turn: 4 })
  })

  it('leaves time for the call itself', async () => {
    const waited: number[] = []
    const wake = (_game: unknown, timeoutMs: number) => {
      waited.push(timeoutMs)
      return Promise.reject(new Error('too late'))
    }
    const service = aService(dispatcher, { cached: [asleep()], wake })
    await expect(service.report(alice, gameUid, 4)).rejects.toThrow('too late')
    expect(waited[0]).toBeLessThanOrEqual(8000)
    expect(waited[0]).toBeGreaterThan(7000)
  })

  it('is said to be answered, because it is', async () => {
    expect(await aService(dispatcher, { cached: [asleep()] }).info(alice, gameUid)).toMatchObject({ ready: true })
  })
})
