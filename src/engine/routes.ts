import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { BanishRequest, epochHeader, gameHeader, InitRequest, Orders, TurnRequest } from '../engine-contract/index.ts'
import { Refusal } from '../platform/errors.ts'
import { readInput } from '../platform/input.ts'
import type { GameService } from './game.ts'

const Query = z.object({
  raceName: z.string().min(1).max(64),
  turn: z
    .string()
    .regex(/^[0-9]{1,9}$/, 'must be a turn number')
    .transform(Number)
    .optional(),
})

/** The engine contract over HTTP. */
export function gameRoutes(game: GameService) {
  return async (app: FastifyInstance) => {
    // Before anything else of a call counts: not even its epoch is meant for this engine.
    app.addHook('onRequest', async (request) => requireSameGame(request, game.gameId()))

    app.get('/healthz', async () => ({ status: 'ok' }))

    app.post('/admin/init', async (request, reply) => {
      const answer = await game.init(epochOf(request), readInput(InitRequest, request.body))
      return reply.type(json).send(answer)
    })
    app.get('/admin/status', async (request) => game.status(epochOf(request)))
    app.put('/admin/turn', async (request, reply) => {
      const answer = await game.turn(epochOf(request), readInput(TurnRequest, request.body).turn)
      return reply.type(json).send(answer)
    })
    app.post('/admin/banish', async (request) =>
      game.banish(epochOf(request), readInput(BanishRequest, request.body).raceName),
    )

    app.put('/orders', async (request) => game.putOrders(epochOf(request), readInput(Orders, request.body)))
    app.get('/orders', async ({ query }) => {
      const { raceName, turn } = readInput(Query, query)
      return game.getOrders(raceName, turn)
    })
    app.get('/report', async ({ query }) => {
      const { raceName, turn } = readInput(Query, query)
      return game.report(raceName, turn)
    })
  }
}

/** Answers that were stored as text, to be the same bytes each time. */
const json = 'application/json; charset=utf-8'

/** A call without the header is meant for whoever is here, and so is one for a game that is still to be created. */
function requireSameGame({ headers }: FastifyRequest, gameId: string | undefined): void {
  const meant = headers[gameHeader]
  if (meant === undefined || gameId === undefined || meant === gameId) return
  throw new Refusal('conflict', 'wrong_game', 'this is the engine of another game')
}

function epochOf({ headers }: FastifyRequest): number {
  const given = headers[epochHeader]
  if (given === undefined) throw new Refusal('invalid', 'epoch_required', `the header ${epochHeader} is missing`)
  const epoch = Number(given)
  if (/^[0-9]{1,16}$/.test(String(given)) && Number.isSafeInteger(epoch)) return epoch
  throw new Refusal('invalid', 'invalid_input', `the header ${epochHeader} must be a whole number`)
}
