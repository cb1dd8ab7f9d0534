import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { SessionId } from '../../messages/index.ts'
import { readInput } from '../../platform/input.ts'
import { identityOf } from '../identity/index.ts'
import type { SessionsService } from './service.ts'

const Nothing = z.strictObject({})

/** A user's own devices, under `/api/v1/user`. */
export function userSessionRoutes(sessions: SessionsService) {
  return async (app: FastifyInstance) => {
    app.get('/sessions', async (request) => ({ sessions: await sessions.list(identityOf(request)) }))

    app.post('/sessions/:session_id/revoke', async (request) => {
      const { session_id: id } = readInput(SessionId, request.params)
      readInput(Nothing, request.body ?? {})
      return { revoked: await sessions.revokeOwn(identityOf(request), id) }
    })

    app.post('/sessions/revoke-others', async (request) => {
      readInput(Nothing, request.body ?? {})
      return { revoked: await sessions.revokeOthers(identityOf(request)) }
    })

    app.post('/sessions/logout', async (request) => {
      readInput(Nothing, request.body ?? {})
      return { revoked: await sessions.logOut(identityOf(request)) }
    })
  }
}
