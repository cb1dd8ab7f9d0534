import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { BanishRequest, epochHeader, InitRequest, Orders, TurnRequest } from '../engine-contract/index.ts'
import { Refusal } from '../platform/errors.ts'
import { readInput } from '../platform/input.ts'
import type { EngineService } from './service.ts'

const raceName = z.string().min(1).max(64)
const turn = z
  .string()
  .regex(/^[0-9]{1,9}$/, 'must be a whole number')
  .transform(Number)
const OrdersQuery = z.object({ raceName, turn })
const ReportQuery = z.object({ raceName, turn: turn.optional() })

/** The engine contract. Everything but reading orders and reports carries an epoch. */
export function engineRoutes(engine: EngineService) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get('/healthz', async () => ({ status: 'ok' }))
    app.get('/admin/status', async (request) => engine.status(epochOf(request)))
    app.post('/admin/init', async (request) => engine.init(epochOf(request), readInput(InitRequest, request.body)))
    app.put('/admin/turn', async (request, reply) => {
      const answer = await engine.turn(epochOf(request), readInput(TurnRequest, request.body).turn)
      return reply.type('application/json').send(answer)
    })
    app.post('/admin/banish', async (request) =>
      engine.banish(epochOf(request), readInput(BanishRequest, request.body).raceName),
    )
    app.put('/orders', async (request) => engine.order(epochOf(request), readInput(Orders, request.body)))
    app.get('/orders', async ({ query }) => {
      const asked = readInput(OrdersQuery, query)
      return engine.orders(asked.raceName, asked.turn)
    })
    app.get('/report', async ({ query }) => {
      const asked = readInput(ReportQuery, query)
      return engine.report(asked.raceName, asked.turn)
    })
  }
}

function epochOf({ headers }: FastifyRequest): number {
  const given = headers[epochHeader]
  if (typeof given === 'string' && /^[0-9]{1,15}$/.test(given)) return Number(given)
  throw new Refusal('invalid', 'epoch_required', `The header ${epochHeader} must carry the epoch, a whole number.`)
}
