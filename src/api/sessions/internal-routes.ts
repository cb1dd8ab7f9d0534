import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readInput } from '../../platform/input.ts'
import { RevokeReason, sessionNotFound } from './model.ts'
import type { SessionsService, SessionView } from './service.ts'

const Params = z.object({ id: z.guid() })
const Body = z.strictObject({ reason: RevokeReason.default('admin') })

/** What gateways and the rest of the platform ask about sessions, under `/api/v1/internal`. */
export function internalSessionRoutes(sessions: SessionsService) {
  return async (app: FastifyInstance) => {
    app.get('/sessions/:id', async ({ params }) => toWire(await sessions.lookUp(sessionIdOf(params))))

    app.post('/sessions/:id/revoke', async ({ params, body }) => {
      const { reason } = readInput(Body, body ?? {})
      return { revoked: await sessions.revoke(sessionIdOf(params), reason) }
    })

    app.post('/users/:id/sessions/revoke-all', async ({ params, body }) => {
      const { id } = readInput(Params, params)
      const { reason } = readInput(Body, body ?? {})
      return { revoked: await sessions.revokeAll(id, reason) }
    })
  }
}

/** Text that is no id is nobody's id either: gateways pass on what clients send, and the answer is the same. */
function sessionIdOf(params: unknown): string {
  const parsed = Params.safeParse(params)
  if (!parsed.success) throw sessionNotFound()
  return parsed.data.id
}

/** A revoked session is told from an unknown one: the gateway answers them differently. */
function toWire({ id, userId, publicKey, endedBy, expiresAt }: SessionView) {
  return {
    id,
    user_id: userId,
    status: endedBy ? 'revoked' : 'active',
    ...(endedBy && { revoke_reason: endedBy }),
    public_key: Buffer.from(publicKey).toString('base64'),
    expires_at: expiresAt.toISOString(),
  }
}
