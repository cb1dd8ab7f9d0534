import { z } from 'zod'
import { Refusal } from '../../platform/errors.ts'

const UserStatus = z.enum(['active', 'permanent_blocked', 'deleted'])

/** What the rooms that let somebody in need to know of them. `email` is where mail goes. */
export const User = z.object({ id: z.uuid(), email: z.string(), status: UserStatus, locale: z.string() })
export type User = z.infer<typeof User>

/** A whole row of `backend.users`. */
export const UserRow = z.object({
  id: z.uuid(),
  email: z.string(),
  userName: z.string(),
  displayName: z.string(),
  status: UserStatus,
  locale: z.string(),
  timeZone: z.string(),
  createdAt: z.coerce.date(),
})
export type UserRow = z.infer<typeof UserRow>

/** How a user is called, which every other user may know. */
export const PublicNames = z.object({ userName: z.string(), displayName: z.string() })
export type PublicNames = z.infer<typeof PublicNames>

/** A user who is not there yet. */
export type NewUser = {
  email: string
  emailCanonical: string
  locale: string
  timeZone: string
  now: Date
  newId: () => string
}

export function userNotFound(): Refusal {
  return new Refusal('missing', 'user_not_found', 'There is no such user.')
}
