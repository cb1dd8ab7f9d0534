import { description } from '../../src/engine/description.ts'
import {
  createWorld,
  generateTurn,
  raceOf,
  readGameSettings,
  rejectedOrders,
  reportAll,
} from '../../src/engine/rules/index.ts'
import { account } from './scripted-player.ts'
import type { Answer, ScriptedGateway } from './scripted-gateway.ts'

const id = '4be0a1c2-0000-4000-8000-000000000001'

type Payload = { turn?: number; orders?: Record<string, unknown>[] }

/** A game of the reference engine's rules in a scripted gateway, played by the Terrans against the idle Vegans. */
export function createScriptedGame(gateway: ScriptedGateway, { listed = true } = {}) {
  const settings = readGameSettings({ seed: 7, size: 'small' })
  let world = createWorld({ gameId: 'g', raceNames: ['Terrans', 'Vegans'], settings })
  const reports = [reportAll(world)]
  const orders = new Map<number, Record<string, unknown>[]>()
  gateway.answer = (type, payload) => answers(type, payload as Payload)

  return {
    orders,
    /** The Terrans' report of a turn. */
    report,
    /** Makes the next turn, and pushes that it is there. */
    nextTurn: () => {
      const given = [{ raceName: 'Terrans', orders: orders.get(world.turn + 1) ?? [] }]
      const generated = generateTurn(world, { orders: given, banished: [] })
      world = generated.world
      reports.push(generated.reports)
      gateway.push('game.turn.started', { game_id: id, name: 'quickstart', turn: world.turn, next_turn_at: null })
    },
  }

  function report(turn: number) {
    return reports[turn]?.find(({ raceName }) => raceName === 'Terrans')?.report
  }

  function answers(type: string, { turn, orders: given = [] }: Payload): Answer {
    const next = world.turn + 1
    switch (type) {
      case 'user.account.get':
        return { payload: account }
      case 'user.sessions.logout':
        return { payload: { revoked: 1 } }
      case 'lobby.games.list_mine':
        return { payload: { games: listed ? [summary()] : [] } }
      case 'game.info.get':
        return { payload: info() }
      case 'game.report.get': {
        const found = report(turn ?? -1)
        return found ? { payload: found } : refusal(404, 'unknown_turn', `There is no turn ${turn}.`)
      }
      case 'game.orders.get':
        return { payload: { turn: turn ?? next, orders: orders.get(turn ?? next) ?? [] } }
      case 'game.orders.submit':
        return turn === next ? submit(next, given) : closed(next)
      case 'game.orders.validate':
        return turn === next ? { payload: { orders: checked(given) } } : closed(next)
      case 'game.description.get':
        return { payload: JSON.parse(description()) }
      default:
        return refusal(404, 'not_found', type)
    }
  }

  function checked(given: Record<string, unknown>[]) {
    const problems = new Map(wrong(given).map(({ index, message }) => [index, message]))
    return given.map((_, index) => {
      const problem = problems.get(index)
      return problem === undefined ? { index, ok: true } : { index, ok: false, problem }
    })
  }

  function wrong(given: Record<string, unknown>[]) {
    const race = raceOf(world, 'Terrans')
    return race ? rejectedOrders(world, race, given) : []
  }

  function submit(turn: number, given: Record<string, unknown>[]): Answer {
    const errors = wrong(given)
    if (errors.length > 0) return refusal(422, 'invalid_orders', 'Some orders are wrong.', { errors })
    orders.set(turn, given)
    return { payload: { turn, orders: given } }
  }

  function summary() {
    const names = { name: 'quickstart', display_name: 'Quickstart', race_name: 'Terrans' }
    return { id, ...names, phase: 'Running', turn: world.turn, next_turn_at: null }
  }

  function info() {
    const stats = { planets: 1, population: 1000, industry: 1000 }
    const unsent = { ready: orders.has(world.turn + 1), eliminated: false, score: 2052 }
    const players = [
      { race_name: 'Terrans', you: true, user_name: 'Player-1234', display_name: 'Ada', ...unsent, stats },
      {
        race_name: 'Vegans',
        you: false,
        user_name: 'Player-5678',
        display_name: 'Player-5678',
        ...unsent,
        ready: false,
        stats: { planets: 1 },
      },
    ]
    return { ...summary(), ready: true, last_turn_at: null, running_turn: null, players, result: null }
  }
}

function closed(next: number): Answer {
  return refusal(409, 'orders_closed', `Orders are for turn ${next}.`)
}

function refusal(status: number, code: string, detail: string, more: object = {}): Answer {
  return { resultCode: code, payload: { status, code, detail, ...more } }
}
