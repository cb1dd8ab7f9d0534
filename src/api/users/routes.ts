import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { identityOf } from '../identity/index.ts'
import { type UserRow, userNotFound } from './model.ts'
import type { UsersService } from './service.ts'

/** What users ask about themselves, under `/api/v1/user`. */
export function userAccountRoutes(users: UsersService) {
  return async (app: FastifyInstance) => {
    app.get('/account', async (request) => users.account(identityOf(request).userId))
  }
}

const Params = z.object({ id: z.guid() })

/** What the rest of the platform asks about users, under `/api/v1/internal`. */
export function internalUserRoutes(users: UsersService) {
  return async (app: FastifyInstance) => {
    app.get('/users/:id', async ({ params }) => {
      const parsed = Params.safeParse(params)
      // Text that is no id is nobody's id either: the answer is the same.
      if (!parsed.success) throw userNotFound()
      return toWire(await users.user(parsed.data.id))
    })
  }
}

function toWire(user: UserRow) {
  return {
    id: user.id,
    user_name: user.userName,
    display_name: user.displayName,
    email: user.email,
    status: user.status,
    locale: user.locale,
    time_zone: user.timeZone,
    created_at: user.createdAt.toISOString(),
  }
}
