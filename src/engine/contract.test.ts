import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EngineDescription } from '../engine-contract/model.ts'
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

  it('says how each race stands, and whether its orders for the coming turn are stored, also after a restart', async () => {
    await using game = await begun()
    const stats = { planets: 1, population: 1000, industry: 1000 }
    const players = async (engine = game.engine) => (await engine.status()).json['players']
    expect(await players()).toEqual([
      { raceName: 'Terrans', eliminated: false, score: 2052, ready: false, stats },
      { raceName: 'Vegans', eliminated: false, score: 2052, ready: false, stats },
    ])
    await game.engine.order('Terrans', 1, [{ type: 'dance' }])
    expect(await players()).toMatchObject([{ ready: false }, { ready: false }])
    await game.engine.order('Terrans', 1, [])
    expect(await players()).toMatchObject([{ ready: true }, { ready: false }])
    {
      await using again = await startTestEngine({ dir: game.dir })
      expect(await players(again)).toMatchObject([{ ready: true }, { ready: false }])
    }
    const made = await game.engine.turn(1)
    expect(made.json['players']).toMatchObject([{ ready: false }, { ready: false }])
    expect(await players()).toMatchObject([{ ready: false }, { ready: false }])
  })

  it('describes itself to anybody, before there is a game', async () => {
    await using dir = await temporaryDir()
    await using engine = await startTestEngine({ dir: dir.path })
    const { status, json } = await engine.call('GET', '/describe')
    expect(status).toBe(200)
    const { name, help, stats, orders } = EngineDescription.parse(json)
    expect(name).toBe('Galaxy 4X')
    const types = z.object({
      oneOf: z.array(z.object({ properties: z.object({ type: z.object({ const: z.string() }) }) })),
    })
    const ordered = types.parse(orders).oneOf.map(({ properties }) => properties.type.const)
    expect(help.map(({ verb }) => verb).toSorted()).toEqual(ordered.toSorted())
    expect(stats).toEqual([
      { name: 'planets', title: 'Planets', public: true },
      { name: 'population', title: 'Population' },
      { name: 'industry', title: 'Industry' },
    ])
  })

  it('checks orders without storing them, one after the other', async () => {
    await using game = await begun()
    await game.engine.order('Terrans', 1, [peace])
    const design = { type: 'design', name: 'Tug', drive: 5, cargo: 2 }
    const check = (orders: readonly unknown[], turn = 1, raceName = 'Terrans') =>
      game.engine.call('POST', '/orders/validate', { raceName, turn, orders }, 1)
    const report = await game.engine.report('Terrans')
    const home = (report.json['planets'] as { id: number; known: string }[]).find(({ known }) => known === 'own')?.id
    const build = { type: 'produce', planet: home, production: { make: 'ship', design: 'Tug' } }
    expect((await check([design, build, { type: 'dance' }])).json['orders']).toEqual([
      { index: 0, ok: true },
      { index: 1, ok: true },
      { index: 2, ok: false, problem: expect.any(String) },
    ])
    expect((await check([build])).json['orders']).toMatchObject([
      { ok: false, problem: expect.stringContaining('you have no design "Tug"') },
    ])
    expect(await check([peace], 2)).toMatchObject({ status: 409, json: { code: 'orders_closed' } })
    expect(await check([peace], 1, 'Nobody')).toMatchObject({ status: 404, json: { code: 'unknown_race' } })
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
