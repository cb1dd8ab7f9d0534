import { describe, expect, it } from 'vitest'
import { startTestEngine, initBody, temporaryDir } from './fixtures.ts'

async function begun(options: { raceNames?: string[]; settings?: object } = {}) {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await temporaryDir())
  const engine = stack.use(await startTestEngine({ dir: dir.path }))
  const body = initBody(options.raceNames, options.settings)
  const created = await engine.init(body)
  const held = stack.move()
  return { engine, dir: dir.path, body, created, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

const peace = { type: 'stance', raceName: 'Vegans', stance: 'peace' }

describe('the engine contract', () => {
  it('answers that it is healthy, to anyone', async () => {
    await using game = await begun()
    expect(await game.engine.call('GET', '/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } })
  })

  it('answers everything but the status with 409 before the game is initialised', async () => {
    await using dir = await temporaryDir()
    await using engine = await startTestEngine({ dir: dir.path })
    expect((await engine.status()).json).toEqual({ initialized: false, turn: 0, finished: false, players: [] })
    const answers = await Promise.all([engine.turn(1), engine.report('Terrans'), engine.order('Terrans', 1, [])])
    for (const answer of answers) expect(answer).toMatchObject({ status: 409, json: { code: 'not_initialized' } })
  })

  it('creates a game once: the same body again is fine, another one is not', async () => {
    await using game = await begun()
    expect(game.created).toMatchObject({ status: 200, json: { initialized: true, turn: 0 } })
    await game.engine.turn(1)
    const { players, settings, gameId } = game.body
    expect((await game.engine.init({ settings, players, gameId })).text).toBe(game.created.text)
    expect(await game.engine.init({ ...game.body, gameId: 'g2' })).toMatchObject({
      status: 409,
      json: { code: 'already_initialized' },
    })
  })

  it('refuses settings it does not know, naming each', async () => {
    await using dir = await temporaryDir()
    await using engine = await startTestEngine({ dir: dir.path })
    const refused = await engine.init(initBody(['A'], { size: 'huge', speed: 3 }))
    expect(refused).toMatchObject({ status: 422, json: { code: 'invalid_settings' } })
    expect(refused.json['detail']).toMatch(/settings\.size.*settings\.speed|settings\.speed.*settings\.size/)
    expect((await engine.status()).json['initialized']).toBe(false)
  })

  it('makes turns one after the other, and answers the newest again with the same bytes, also after a restart', async () => {
    await using game = await begun()
    const first = await game.engine.turn(1)
    expect(first.json).toMatchObject({ turn: 1, finished: false })
    const report = await game.engine.report('Terrans', 1)
    await game.engine.banish('Vegans')
    expect((await game.engine.turn(1)).text).toBe(first.text)
    await using again = await startTestEngine({ dir: game.dir })
    expect((await again.turn(1)).text).toBe(first.text)
    expect((await again.report('Terrans', 1)).text).toBe(report.text)
    expect((await again.status()).text).toBe((await game.engine.status()).text)
  })

  it.each([0, 3, 7])('refuses turn %i out of order', async (turn) => {
    await using game = await begun()
    await game.engine.turn(1)
    const status = turn === 0 ? 400 : 409
    expect((await game.engine.turn(turn)).status).toBe(status)
    expect((await game.engine.status()).json['turn']).toBe(1)
  })

  it('wants an epoch with each administration call and each write', async () => {
    await using game = await begun()
    const paths = [
      ['GET', '/admin/status'],
      ['POST', '/admin/init', game.body],
      ['PUT', '/admin/turn', { turn: 1 }],
      ['POST', '/admin/banish', { raceName: 'Terrans' }],
      ['PUT', '/orders', { raceName: 'Terrans', turn: 1, orders: [] }],
    ] as const
    for (const [method, path, body] of paths) {
      expect(await game.engine.call(method, path, body), path).toMatchObject({
        status: 400,
        json: { code: 'epoch_required' },
      })
      expect((await game.engine.call(method, path, body, 'one')).status, path).toBe(400)
    }
  })

  it('refuses every call that names another game, and does not take its epoch', async () => {
    await using game = await begun()
    const calls = [
      ['GET', '/healthz'],
      ['GET', '/admin/status'],
      ['POST', '/admin/init', { ...game.body, gameId: 'g2' }],
      ['PUT', '/admin/turn', { turn: 1 }],
      ['POST', '/admin/banish', { raceName: 'Terrans' }],
      ['PUT', '/orders', { raceName: 'Terrans', turn: 1, orders: [peace] }],
      ['GET', '/orders?raceName=Terrans'],
      ['GET', '/report?raceName=Terrans'],
    ] as const
    for (const [method, path, body] of calls) {
      expect(await game.engine.call(method, path, body, 9, 'g2'), path).toMatchObject({
        status: 409,
        json: { code: 'wrong_game' },
      })
    }
    expect(await game.engine.call('GET', '/admin/status', undefined, 1, 'g1')).toMatchObject({
      status: 200,
      json: { turn: 0 },
    })
    expect((await game.engine.orders('Terrans')).json['orders']).toEqual([])
  })

  it('takes calls for any game until it has one, which it remembers after a restart', async () => {
    await using dir = await temporaryDir()
    {
      await using engine = await startTestEngine({ dir: dir.path })
      expect((await engine.call('GET', '/admin/status', undefined, 1, 'g2')).status).toBe(200)
      await engine.init(initBody())
    }
    await using again = await startTestEngine({ dir: dir.path })
    expect((await again.call('GET', '/report?raceName=Terrans', undefined, 1, 'g2')).json['code']).toBe('wrong_game')
  })

  it('keeps orders for the coming turn only, and replaces them', async () => {
    await using game = await begun()
    expect((await game.engine.order('Terrans', 1, [peace])).status).toBe(200)
    expect((await game.engine.order('Terrans', 1, [])).status).toBe(200)
    expect((await game.engine.orders('Terrans', 1)).json).toEqual({ raceName: 'Terrans', turn: 1, orders: [] })
    expect(await game.engine.order('Terrans', 2, [])).toMatchObject({ status: 409, json: { code: 'orders_closed' } })
    await game.engine.turn(1)
    expect(await game.engine.order('Terrans', 1, [])).toMatchObject({ status: 409, json: { code: 'orders_closed' } })
    expect(await game.engine.orders('Terrans', 9)).toMatchObject({ status: 404, json: { code: 'unknown_turn' } })
  })

  it('lists every order that is wrong, and keeps none of them', async () => {
    await using game = await begun()
    await game.engine.order('Terrans', 1, [peace])
    const refused = await game.engine.order('Terrans', 1, [{ type: 'dance' }, peace, null, { ...peace, raceName: 'X' }])
    expect(refused).toMatchObject({
      status: 422,
      json: { code: 'invalid_orders', errors: [{ index: 0 }, { index: 2 }, { index: 3 }] },
    })
    for (const { message } of refused.json['errors'] as { message: string }[]) expect(message.length).toBeGreaterThan(5)
    expect((await game.engine.orders('Terrans', 1)).json['orders']).toEqual([peace])
  })

  it('knows its races and turns', async () => {
    await using game = await begun()
    const unknown = { status: 404, json: { code: 'unknown_race' } }
    expect(await game.engine.report('Nobody')).toMatchObject(unknown)
    expect(await game.engine.orders('Nobody', 1)).toMatchObject(unknown)
    expect(await game.engine.order('Nobody', 1, [])).toMatchObject(unknown)
    expect(await game.engine.banish('Nobody')).toMatchObject(unknown)
    expect(await game.engine.report('Terrans', 1)).toMatchObject({ status: 404, json: { code: 'unknown_turn' } })
  })

  it('takes any text for the name of a race', async () => {
    const raceNames = ['__proto__', '../../etc/passwd', '1', 'Ünïcode 🚀']
    await using game = await begun({ raceNames })
    for (const name of raceNames) expect((await game.engine.order(name, 1, [])).status, name).toBe(200)
    await game.engine.turn(1)
    for (const name of raceNames) expect((await game.engine.report(name)).json['raceName'], name).toBe(name)
  })

  it('keeps the report of every turn', async () => {
    await using game = await begun()
    for (const turn of [1, 2, 3]) await game.engine.turn(turn)
    for (const turn of [0, 1, 2, 3]) expect((await game.engine.report('Vegans', turn)).json['turn']).toBe(turn)
  })

  it('takes a banished race out at once, and ends the game when one is left', async () => {
    await using game = await begun()
    const answer = await game.engine.banish('Vegans')
    expect(answer.json['players']).toMatchObject([{ eliminated: false }, { raceName: 'Vegans', eliminated: true }])
    expect((await game.engine.banish('Vegans')).text).toBe(answer.text)
    expect(await game.engine.order('Vegans', 1, [])).toMatchObject({ status: 409, json: { code: 'race_eliminated' } })
    const last = await game.engine.turn(1)
    expect(last.json).toMatchObject({ finished: true, result: { winner: 'Terrans', reason: 'last_race_standing' } })
    expect((await game.engine.turn(1)).text).toBe(last.text)
    expect(await game.engine.turn(2)).toMatchObject({ status: 409, json: { code: 'game_finished' } })
    expect(await game.engine.order('Terrans', 2, [])).toMatchObject({ status: 409, json: { code: 'game_finished' } })
  })
})
