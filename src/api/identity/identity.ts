import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../../platform/errors.ts'

/** Who asks, as the gateway has verified it. */
export type Identity = { userId: string; deviceSessionId: string }

const Headers = z.object({ 'x-user-id': z.uuid(), 'x-device-session-id': z.uuid() })

/**
 * The verified identity of a request under `/api/v1/user`. The headers count because the whole group of routes demands
 * the service credential, which only gateways have.
 * @throws Refusal `identity_required`
 */
export function identityOf({ headers }: Pick<FastifyRequest, 'headers'>): Identity {
  const parsed = Headers.safeParse(headers)
  if (!parsed.success) {
    throw new Refusal('unauthenticated', 'identity_required', 'X-User-Id and X-Device-Session-Id are needed.')
  }
  return { userId: parsed.data['x-user-id'], deviceSessionId: parsed.data['x-device-session-id'] }
}
