import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { BanishRequest, epochHeader, gameHeader, InitRequest, Orders, TurnRequest } from '../engine-contract/model.ts'
import { Refusal } from '../platform/errors.ts'
import { readInput } from '../platform/input.ts'
import { description } from './description.ts'
import type { GameService } from './game.ts'
import type { Route, Routes } from './http/answer.ts'

const Query = z.object({
  raceName: z.string().min(1).max(64),
  turn: z
    .string()
    .regex(/^[0-9]{1,9}$/, 'must be a turn number')
    .transform(Number)
    .optional(),
})

/** The engine contract over HTTP. */
export function gameRoutes(game: GameService): Routes {
  const routes: Record<string, Route> = {
    'GET /healthz': async () => JSON.stringify({ status: 'ok' }),

    'POST /admin/init': async ({ headers, body }) => game.init(epochOf(headers), readInput(InitRequest, await body())),
    'GET /admin/status': async ({ headers }) => JSON.stringify(await game.status(epochOf(headers))),
    'PUT /admin/turn': async ({ headers, body }) =>
      game.turn(epochOf(headers), readInput(TurnRequest, await body()).turn),
    'POST /admin/banish': async ({ headers, body }) => {
      const { raceName } = readInput(BanishRequest, await body())
      return JSON.stringify(await game.banish(epochOf(headers), raceName))
    },

    'GET /describe': async () => description(),

    'PUT /orders': async ({ headers, body }) =>
      JSON.stringify(await game.putOrders(epochOf(headers), readInput(Orders, await body()))),
    'POST /orders/validate': async ({ headers, body }) =>
      JSON.stringify(await game.validateOrders(epochOf(headers), readInput(Orders, await body()))),
    'GET /orders': async ({ query }) => {
      const { raceName, turn } = readInput(Query, query)
      return JSON.stringify(await game.getOrders(raceName, turn))
    },
    'GET /report': async ({ query }) => {
      const { raceName, turn } = readInput(Query, query)
      return JSON.stringify(await game.report(raceName, turn))
    },
  }
  return new Map(Object.entries(routes).map(([name, route]) => [name, forThisGame(game, route)]))
}

/** Before anything else of a call counts: not even its epoch is meant for this engine. */
function forThisGame(game: GameService, route: Route): Route {
  return async (call) => {
    requireSameGame(call.headers, game.gameId())
    return route(call)
  }
}

/** A call without the header is meant for whoever is here, and so is one for a game that is still to be created. */
function requireSameGame(headers: IncomingHttpHeaders, gameId: string | undefined): void {
  const meant = headers[gameHeader]
  if (meant === undefined || gameId === undefined || meant === gameId) return
  throw new Refusal('conflict', 'wrong_game', 'this is the engine of another game')
}

function epochOf(headers: IncomingHttpHeaders): number {
  const given = headers[epochHeader]
  if (given === undefined) throw new Refusal('invalid', 'epoch_required', `the header ${epochHeader} is missing`)
  const epoch = Number(given)
  if (/^[0-9]{1,16}$/.test(String(given)) && Number.isSafeInteger(epoch)) return epoch
  throw new Refusal('invalid', 'invalid_input', `the header ${epochHeader} must be a whole number`)
}
