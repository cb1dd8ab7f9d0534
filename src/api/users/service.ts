import type { DatabasePool } from 'slonik'
import type { Account } from '../../messages/index.ts'
import { type PublicNames, type UserRow, userNotFound } from './model.ts'
import * as store from './store.ts'

export type UsersDeps = { db: DatabasePool }

export type UsersService = ReturnType<typeof createUsersService>

export function createUsersService({ db }: UsersDeps) {
  return { account, user, namesOf }

  /** How users are called, by id: what any user may know of another. Who has no account any more is left out. */
  async function namesOf(userIds: readonly string[]): Promise<ReadonlyMap<string, PublicNames>> {
    if (userIds.length === 0) return new Map()
    return new Map((await store.listNames(db, userIds)).map(({ id, ...names }) => [id, names]))
  }

  /**
   * What somebody sees of their own account.
   * @throws Refusal `user_not_found`
   */
  async function account(userId: string): Promise<Account> {
    const found = await user(userId)
    if (found.status === 'deleted') throw userNotFound()
    return toAccount(found)
  }

  /**
   * What the other parts of the platform see, whatever the user's status.
   * @throws Refusal `user_not_found`
   */
  async function user(userId: string): Promise<UserRow> {
    const found = await store.findUser(db, userId)
    if (!found) throw userNotFound()
    return found
  }
}

function toAccount(user: UserRow): Account {
  return {
    id: user.id,
    user_name: user.userName,
    display_name: user.displayName,
    email: user.email,
    locale: user.locale,
    time_zone: user.timeZone,
    created_at: user.createdAt.toISOString(),
  }
}
