import { randomUUID } from 'node:crypto'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { createHttpApp } from '../../platform/http.ts'
import { silentLog } from '../../platform/log.ts'
import { internalUserRoutes, userAccountRoutes } from './routes.ts'
import { createUsersService } from './service.ts'
import { ensureUser } from './store.ts'
import { randomUserName } from './user-name.ts'

let database: TestPool
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const now = new Date('2026-03-01T12:00:00.000Z')

function somebody(address = `Ada-${randomUUID()}@example.com`) {
  const emailCanonical = address.toLowerCase()
  return { email: address, emailCanonical, locale: 'de-AT', timeZone: 'Europe/Vienna', now, newId: randomUUID }
}

/** In a transaction of its own, as who signs somebody in does. */
const ensure = (user = somebody(), newUserName?: () => string) =>
  database.db.transaction((tx) => ensureUser(tx, user, newUserName))

const setStatus = (id: string, status: string) =>
  database.db.query(sql.type(z.object({}))`UPDATE backend.users SET status = ${status} WHERE id = ${id}`)

describe('a user', () => {
  it('is made for an address once, whatever comes at the same time', async () => {
    const address = somebody()
    const users = await Promise.all(Array.from({ length: 5 }, () => ensure(address)))
    expect(new Set(users.map(({ id }) => id)).size).toBe(1)
    expect(users[0]).toMatchObject({ status: 'active', email: address.email })
  })

  it('keeps the spelling of the address that came first', async () => {
    const address = somebody()
    const first = await ensure(address)
    expect(await ensure({ ...address, email: address.emailCanonical })).toEqual(first)
  })

  it('gets another name when one is taken', async () => {
    const names = [randomUserName(), randomUserName()]
    const [taken = '', free = ''] = names
    await ensure(somebody(), () => taken)
    const offered = [taken, taken, free]
    const { id } = await ensure(somebody(), () => offered.shift() ?? '')
    expect((await createUsersService(database).user(id)).userName).toBe(free)
  })

  it('is known to others by names only, and not at all once deleted', async () => {
    const [ada, gone] = [await ensure(), await ensure()]
    await setStatus(gone.id, 'deleted')
    const { namesOf, user } = createUsersService(database)
    const { userName, displayName } = await user(ada.id)
    expect(await namesOf([ada.id, gone.id, randomUUID()])).toEqual(new Map([[ada.id, { userName, displayName }]]))
    expect(await namesOf([])).toEqual(new Map())
  })

  it('is not made when no name is free, and the transaction ends', async () => {
    const taken = randomUserName()
    await ensure(somebody(), () => taken)
    await expect(ensure(somebody(), () => taken)).rejects.toThrow('no user name was free')
  })

  it('who was deleted may come back as somebody new', async () => {
    const address = somebody()
    const before = await ensure(address)
    await setStatus(before.id, 'deleted')
    expect((await ensure(address)).id).not.toBe(before.id)
  })

  it('who is blocked stays who they are', async () => {
    const address = somebody()
    const { id } = await ensure(address)
    await setStatus(id, 'permanent_blocked')
    expect(await ensure(address)).toMatchObject({ id, status: 'permanent_blocked' })
  })

  it('is not blocked while somebody signs them in', async () => {
    const address = somebody()
    const { id } = await ensure(address)
    const order: string[] = []
    const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const signingIn = database.db.transaction(async (tx) => {
      await ensureUser(tx, address)
      locked.resolve()
      await release.promise
      order.push('signed in')
    })
    await locked.promise
    const blocking = setStatus(id, 'permanent_blocked').then(() => order.push('blocked'))
    await Promise.race([blocking, untilSomebodyWaits()])
    release.resolve()
    await Promise.all([signingIn, blocking])
    expect(order).toEqual(['signed in', 'blocked'])
  })
})

/** Resolves once a statement of this database waits for a lock. */
async function untilSomebodyWaits() {
  await expect
    .poll(() =>
      database.db.oneFirst(sql.type(z.object({ waiting: z.int() }))`
        SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
      `),
    )
    .toBe(1)
}

describe('a user name', () => {
  it('is random, and has no letters that look like others', () => {
    const names = Array.from({ length: 1000 }, randomUserName)
    expect(names.filter((name) => !/^Player-[0-9A-HJKMNP-TV-Z]{8}$/.test(name))).toEqual([])
    expect(new Set(names).size).toBe(1000)
  })
})

describe('over HTTP', () => {
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const app = createHttpApp({ log: silentLog })
    const users = createUsersService(database)
    app.register(userAccountRoutes(users), { prefix: '/user' })
    app.register(internalUserRoutes(users), { prefix: '/internal' })
    return app.inject({ method: 'GET', url, headers })
  }
  const as = (userId: string) => ({ 'x-user-id': userId, 'x-device-session-id': randomUUID() })

  it('a user sees their own account', async () => {
    const { id, email } = await ensure()
    const answer = await get('/user/account', as(id))
    expect(answer.json()).toEqual({
      id,
      user_name: expect.stringMatching(/^Player-/),
      display_name: answer.json().user_name,
      email,
      locale: 'de-AT',
      time_zone: 'Europe/Vienna',
      created_at: now.toISOString(),
    })
  })

  it('nobody has an account without an identity, or after it was deleted', async () => {
    const { id } = await ensure()
    await setStatus(id, 'deleted')
    expect((await get('/user/account')).json()).toMatchObject({ status: 401, code: 'identity_required' })
    expect((await get('/user/account', as(id))).json()).toMatchObject({ status: 404, code: 'user_not_found' })
    expect((await get('/user/account', as(randomUUID()))).json()).toMatchObject({ code: 'user_not_found' })
  })

  it('the platform sees any user, whatever their status', async () => {
    const { id, email } = await ensure()
    await setStatus(id, 'permanent_blocked')
    expect((await get(`/internal/users/${id}`)).json()).toMatchObject({ id, email, status: 'permanent_blocked' })
  })

  it.each(['00000000-0000-4000-8000-000000000000', 'x', '..%2f'])('there is no user %s', async (id) => {
    expect((await get(`/internal/users/${id}`)).json()).toMatchObject({ status: 404, code: 'user_not_found' })
  })
})
