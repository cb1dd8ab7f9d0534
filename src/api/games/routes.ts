import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { GameRef, OrdersQuery, OrdersSubmission, ReportRef } from '../../messages/index.ts'
import { readInput } from '../../platform/input.ts'
import { identityOf } from '../identity/index.ts'
import type { GamesService } from './service.ts'

/** Paths and queries are text: a turn is the number that it writes, and the catalogue's schema says which are good. */
const turn = z
  .string()
  .regex(/^[0-9]{1,9}$/, 'must be a turn number')
  .transform(Number)
const ReportParams = z.strictObject({ game_id: GameRef.shape.game_id, turn: turn.pipe(ReportRef.shape.turn) })
const Orders = z.strictObject({ turn: turn.pipe(OrdersQuery.shape.turn.unwrap()).optional() })
const Scope = z.strictObject({ scope: z.literal('mine') })

/** How long the caller waits, in milliseconds: a little less than gateways do by default. */
const RequestTimeout = z
  .string()
  .regex(/^[0-9]{1,9}$/, 'must be a number of milliseconds')
  .prefault('9000')
  .transform((text) => Math.min(60_000, Number(text)))

/** The games of the signed-in player, below `/api/v1/user`. */
export function gameRoutes(games: GamesService) {
  return async (app: FastifyInstance) => {
    app.get('/lobby/games', async (request) => {
      const { userId } = identityOf(request)
      readInput(Scope, request.query)
      return { games: games.listMine(userId) }
    })

    app.get('/games/:game_id/info', async (request) =>
      games.info(callerOf(request), readInput(GameRef, request.params).game_id),
    )

    app.get('/games/:game_id/description', async (request) =>
      games.description(callerOf(request), readInput(GameRef, request.params).game_id),
    )

    app.get('/games/:game_id/turns/:turn/report', async (request) => {
      const { game_id, turn } = readInput(ReportParams, request.params)
      return games.report(callerOf(request), game_id, turn)
    })

    app.get('/games/:game_id/orders', async (request) => {
      const { game_id } = readInput(GameRef, request.params)
      return games.orders(callerOf(request), game_id, readInput(Orders, request.query).turn)
    })

    app.post('/games/:game_id/orders', async (request) => {
      const { game_id } = readInput(GameRef, request.params)
      return games.submitOrders(callerOf(request), game_id, readInput(OrdersSubmission, request.body))
    })

    app.post('/games/:game_id/orders/validate', async (request) => {
      const { game_id } = readInput(GameRef, request.params)
      return games.validateOrders(callerOf(request), game_id, readInput(OrdersSubmission, request.body))
    })
  }
}

/** Who calls, once it is known that somebody does. */
function callerOf(request: FastifyRequest) {
  const { userId } = identityOf(request)
  return { userId, timeoutMs: readInput(RequestTimeout, request.headers['x-request-timeout-ms']) }
}
