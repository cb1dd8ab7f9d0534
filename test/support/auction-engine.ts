import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'

/**
 * An engine that shares no code and no word with the reference engine: an auction. Each turn the highest secret bid wins
 * a lot; whoever has most lots after three turns wins. It is started as a program; with `AUCTION_PLAIN` set it has the
 * demanded calls of the contract only.
 */
type Race = { raceName: string; coins: number; lots: number }
type Turn = { turn: number; winner: string | null; price: number }
type Order = { act?: unknown; coins?: unknown; note?: unknown }
type State = {
  gameId: string
  races: Race[]
  turns: Turn[]
  orders: Record<string, Order[]>
  epoch: number
  banished: string[]
}

class Refused extends Error {
  readonly status: number
  readonly body: object

  constructor(status: number, code: string, more: object = {}) {
    super(code)
    this.status = status
    this.body = { code, detail: `refused: ${code}`, ...more }
  }
}

const {
  GALAXY_STATE_DIR: dir = '.',
  GALAXY_ENGINE_PORT: port = '8080',
  GALAXY_ENGINE_HOST: host = '127.0.0.1',
} = process.env
const plain = process.env['AUCTION_PLAIN'] !== undefined
const path = join(dir, 'auction.json')
const lastTurn = 3

let state: State | undefined
try {
  state = JSON.parse(await readFile(path, 'utf8')) as State
} catch {
  state = undefined
}

const description = {
  name: 'Auction House',
  orders: {
    type: 'object',
    properties: { act: { enum: ['bid', 'pass'] }, coins: { type: 'integer' }, note: { type: 'string' } },
    required: ['act'],
  },
  help: [
    { verb: 'bid', text: 'Offers coins for the lot of the turn, in secret.' },
    { verb: 'pass', text: 'Offers nothing.' },
  ],
  stats: [
    { name: 'coins', title: 'Coins left' },
    { name: 'lots', title: 'Lots won', public: true },
  ],
}

function game(): State {
  if (!state) throw new Refused(409, 'not_initialized')
  return state
}

function raceOf(name: string): Race {
  const race = game().races.find(({ raceName }) => raceName === name)
  if (!race) throw new Refused(404, 'unknown_race')
  return race
}

async function save(next: State): Promise<void> {
  await writeFile(`${path}.tmp`, JSON.stringify(next))
  await rename(`${path}.tmp`, path)
  state = next
}

function status() {
  if (!state) return { initialized: false, turn: 0, finished: false, players: [] }
  const { races, turns, orders, banished } = state
  const finished = turns.length >= lastTurn
  const [first] = races.toSorted((a, b) => b.lots - a.lots)
  return {
    initialized: true,
    turn: turns.length,
    finished,
    players: races.map(({ raceName, coins, lots }) => ({
      raceName,
      eliminated: banished.includes(raceName),
      ...(plain ? {} : { score: lots * 10, ready: orders[raceName] !== undefined, stats: { coins, lots } }),
    })),
    ...(finished ? { result: { winner: first?.raceName ?? null } } : {}),
  }
}

function wrong(race: Race, orders: Order[]) {
  return orders.flatMap(({ act, coins }, index) => {
    if (act === 'pass') return []
    if (act !== 'bid') return [{ index, message: 'act: bid or pass' }]
    if (!Number.isInteger(coins) || Number(coins) < 1) return [{ index, message: 'coins: a whole number from 1' }]
    return Number(coins) > race.coins ? [{ index, message: `coins: you have only ${race.coins}` }] : []
  })
}

function bidOf({ orders }: State, { raceName }: Race): number {
  return Math.max(0, ...(orders[raceName] ?? []).map(({ act, coins }) => (act === 'bid' ? Number(coins) : 0)))
}

async function makeTurn(turn: number): Promise<object> {
  const { races, turns, ...rest } = game()
  if (turn === turns.length) return status()
  if (turn !== turns.length + 1 || turn > lastTurn) throw new Refused(409, 'turn_out_of_order')
  const [best] = races.toSorted((a, b) => bidOf(game(), b) - bidOf(game(), a))
  const price = best ? bidOf(game(), best) : 0
  const winner = price > 0 ? best : undefined
  const after = races.map((race) =>
    race === winner ? { ...race, coins: race.coins - price, lots: race.lots + 1 } : race,
  )
  await save({
    ...rest,
    races: after,
    turns: [...turns, { turn, winner: winner?.raceName ?? null, price }],
    orders: {},
  })
  return status()
}

function report(raceName: string, turn: number): object {
  const { turns, races } = game()
  if (turn > turns.length) throw new Refused(404, 'unknown_turn')
  const { coins } = raceOf(raceName)
  return {
    you: raceName,
    purse: { coins },
    lots: { sold: turns.slice(0, turn), open: turn < lastTurn ? [`lot ${turn + 1}`] : [] },
    bidders: races.map((race) => race.raceName),
    board: 'a hammer\nof wood',
  }
}

async function answer(request: IncomingMessage): Promise<object> {
  const url = new URL(request.url ?? '/', 'http://engine')
  const raceName = url.searchParams.get('raceName') ?? ''
  const asked = url.searchParams.get('turn')
  const body = async () => (await json(request)) as never
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /healthz':
      return { status: 'ok' }
    case 'GET /admin/status':
      return status()
    case 'POST /admin/init': {
      const { gameId, players } = (await body()) as { gameId: string; players: { raceName: string }[] }
      if (state && state.gameId !== gameId) throw new Refused(409, 'already_initialized')
      const races = players.map((player) => ({ raceName: player.raceName, coins: 10, lots: 0 }))
      if (!state) await save({ gameId, races, turns: [], orders: {}, epoch: 0, banished: [] })
      return status()
    }
    case 'PUT /admin/turn':
      return makeTurn(((await body()) as { turn: number }).turn)
    case 'POST /admin/banish': {
      const { raceName: banished } = (await body()) as { raceName: string }
      await save({ ...game(), banished: [...game().banished, banished] })
      return status()
    }
    case 'GET /orders': {
      const turn = Number(asked ?? game().turns.length + 1)
      return { turn, orders: turn === game().turns.length + 1 ? (game().orders[raceName] ?? []) : [] }
    }
    case 'PUT /orders': {
      const sent = (await body()) as { raceName: string; turn: number; orders: Order[] }
      if (sent.turn !== game().turns.length + 1) throw new Refused(409, 'orders_closed')
      const errors = wrong(raceOf(sent.raceName), sent.orders)
      if (errors.length > 0) throw new Refused(422, 'invalid_orders', { errors })
      await save({ ...game(), orders: { ...game().orders, [sent.raceName]: sent.orders } })
      return {}
    }
    case 'GET /report':
      return report(raceName, Number(asked ?? game().turns.length))
    case 'GET /describe':
      if (!plain) return description
      throw new Refused(404, 'no_such_page')
    default:
      throw new Refused(404, 'no_such_page')
  }
}

createServer((request, response) => {
  answer(request)
    .then((body) => ({ status: 200, body }))
    .catch((error: unknown) => {
      const refused = error instanceof Refused ? error : new Refused(500, 'broken')
      return { status: refused.status, body: refused.body }
    })
    .then(({ status: code, body }) => {
      response.writeHead(code, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    })
    .catch(() => response.destroy())
}).listen(Number(port), host === '::' ? undefined : host)
process.on('SIGTERM', () => process.exit(0))
