import type { FastifyInstance } from 'fastify'
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

/** The games of the signed-in player, below `/api/v1/user`. */
export function gameRoutes(games: GamesService) {
  return async (app: FastifyInstance) => {
    app.get('/lobby/games', async (request) => {
      const { userId } = identityOf(request)
      readInput(Scope, request.query)
      return { games: games.listMine(userId) }
    })

    app.get('/games/:game_id/info', async (request) =>
      games.info(identityOf(request).userId, readInput(GameRef, request.params).game_id),
    )

    app.get('/games/:game_id/turns/:turn/report', async (request) => {
      const { userId } = identityOf(request)
      const { game_id, turn } = readInput(ReportParams, request.params)
      return games.report(userId, game_id, turn)
    })

    app.get('/games/:game_id/orders', async (request) => {
      const { userId } = identityOf(request)
      const { game_id } = readInput(GameRef, request.params)
      return games.orders(userId, game_id, readInput(Orders, request.query).turn)
    })

    app.post('/games/:game_id/orders', async (request) => {
      const { userId } = identityOf(request)
      const { game_id } = readInput(GameRef, request.params)
      return games.submitOrders(userId, game_id, readInput(OrdersSubmission, request.body))
    })
  }
}
