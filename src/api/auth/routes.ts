import type { FastifyInstance } from 'fastify'
import { readInput } from '../../platform/input.ts'
import { ConfirmCode, SendCode } from './model.ts'
import type { AuthService } from './service.ts'

/** Signing in, under `/api/v1/public`. */
export function authPublicRoutes(auth: AuthService) {
  return async (app: FastifyInstance) => {
    app.addHook('onSend', async (_request, reply) => {
      reply.header('cache-control', 'no-store')
    })

    app.post('/auth/send-email-code', async ({ body, headers }) => {
      const header = headers['x-client-ip']
      const clientIp = typeof header === 'string' ? header : undefined
      const { challengeId } = await auth.sendCode({ ...readInput(SendCode, body), clientIp })
      return { challenge_id: challengeId }
    })

    app.post('/auth/confirm-email-code', async ({ body }) => {
      const { deviceSessionId } = await auth.confirmCode(readInput(ConfirmCode, body))
      return { device_session_id: deviceSessionId }
    })
  }
}
