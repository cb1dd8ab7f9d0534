import { type CommonQueryMethods, sql } from 'slonik'
import { z } from 'zod'
import { type NewUser, PublicNames, User, UserRow } from './model.ts'
import { randomUserName } from './user-name.ts'

const nothing = z.strictObject({})

/** More collisions in a row do not happen by chance: with 2^40 names something else is wrong. */
const nameAttempts = 5

/**
 * The user of an e-mail address, made if there is none. The row stays locked until the transaction ends: whatever is
 * done about its sessions is done one after another, and nobody is blocked between this look and the next.
 */
export async function ensureUser(
  db: CommonQueryMethods,
  user: NewUser,
  newUserName: () => string = randomUserName,
): Promise<User> {
  for (let attempt = 0; attempt < nameAttempts; attempt += 1) {
    const known = await lockUserByEmail(db, user.emailCanonical)
    if (known) return known
    await insertUser(db, user, newUserName())
  }
  const made = await lockUserByEmail(db, user.emailCanonical)
  if (!made) throw new Error(`no user name was free in ${nameAttempts} attempts`)
  return made
}

/** The user of an e-mail address, or null. */
export function findUserByEmail(db: CommonQueryMethods, emailCanonical: string): Promise<User | null> {
  return db.maybeOne(sql.type(User)`
    SELECT id, email, status, locale
    FROM backend.users
    WHERE email_canonical = ${emailCanonical} AND status <> 'deleted'
  `)
}

export function findUser(db: CommonQueryMethods, id: string): Promise<UserRow | null> {
  return db.maybeOne(sql.type(UserRow)`
    SELECT id, email, user_name AS "userName", display_name AS "displayName", status, locale, time_zone AS "timeZone",
           created_at AS "createdAt"
    FROM backend.users
    WHERE id = ${id}
  `)
}

const NamesRow = PublicNames.extend({ id: z.uuid() })

export async function listNames(db: CommonQueryMethods, ids: readonly string[]) {
  return db.any(sql.type(NamesRow)`
    SELECT id, user_name AS "userName", display_name AS "displayName"
    FROM backend.users
    WHERE id = ANY(${sql.array([...ids], 'uuid')}) AND status <> 'deleted'
  `)
}

function lockUserByEmail(db: CommonQueryMethods, emailCanonical: string): Promise<User | null> {
  return db.maybeOne(sql.type(User)`
    SELECT id, email, status, locale
    FROM backend.users
    WHERE email_canonical = ${emailCanonical} AND status <> 'deleted'
    FOR NO KEY UPDATE
  `)
}

/** Does nothing when the address or the name is taken. An error would end the transaction of whoever calls. */
async function insertUser(db: CommonQueryMethods, user: NewUser, userName: string): Promise<void> {
  await db.query(sql.type(nothing)`
    INSERT INTO backend.users
      (id, email, email_canonical, user_name, display_name, locale, time_zone, created_at)
    VALUES
      (${user.newId()}, ${user.email}, ${user.emailCanonical}, ${userName}, ${userName}, ${user.locale},
       ${user.timeZone}, ${sql.timestamp(user.now)})
    ON CONFLICT DO NOTHING
  `)
}
