import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { DeviceSessionList } from '../../messages/index.ts'
import { createHttpApp } from '../../platform/http.ts'
import { silentLog } from '../../platform/log.ts'
import { someKey, someUser, startSessions } from './fixtures.ts'
import { internalSessionRoutes } from './internal-routes.ts'
import { defaultSessionLimits } from './model.ts'
import { userSessionRoutes } from './routes.ts'

let database: TestPool
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

async function someSession() {
  const { sessions, open, pass } = startSessions(database.db, defaultSessionLimits)
  const userId = await someUser(database.db)
  const publicKey = someKey()
  const id = await open(userId, { publicKey, deviceLabel: 'phone' })
  const app = createHttpApp({ log: silentLog })
  app.register(userSessionRoutes(sessions), { prefix: '/user' })
  app.register(internalSessionRoutes(sessions), { prefix: '/internal' })
  const headers = { 'x-user-id': userId, 'x-device-session-id': id }
  const call = async (method: 'GET' | 'POST', url: string, payload?: object) =>
    (await app.inject({ method, url, headers, ...(payload && { payload }) })).json()
  return { id, userId, publicKey, open, pass, call, app }
}

describe('the gateway', () => {
  it('is told whose session it is, and with which key it signs', async () => {
    const { id, userId, publicKey, call } = await someSession()
    expect(await call('GET', `/internal/sessions/${id}`)).toEqual({
      id,
      user_id: userId,
      status: 'active',
      public_key: Buffer.from(publicKey).toString('base64'),
      expires_at: '2026-03-31T12:00:00.000Z',
    })
  })

  it('is told why a session is no longer good', async () => {
    const { id, call, pass } = await someSession()
    pass(defaultSessionLimits.idleMs)
    const answer = { status: 'revoked', revoke_reason: 'expired' }
    expect(await call('GET', `/internal/sessions/${id}`)).toMatchObject(answer)
  })

  it.each([randomUUID(), 'x', '%00', '..%2fusers', 'a'.repeat(99)])(
    'is told that there is no session %s',
    async (id) => {
      const { call } = await someSession()
      const answer = { status: 404, code: 'session_not_found' }
      expect(await call('GET', `/internal/sessions/${id}`)).toMatchObject(answer)
      expect(await call('POST', `/internal/sessions/${id}/revoke`)).toMatchObject(answer)
    },
  )
})

describe('the platform', () => {
  it('revokes a session, for a reason that it may name', async () => {
    const { id, call } = await someSession()
    expect(await call('POST', `/internal/sessions/${id}/revoke`, { reason: 'x' })).toMatchObject({
      code: 'invalid_input',
      errors: [{ field: 'reason' }],
    })
    expect(await call('POST', `/internal/sessions/${id}/revoke`)).toEqual({ revoked: 1 })
    expect(await call('POST', `/internal/sessions/${id}/revoke`, { reason: 'deleted' })).toEqual({ revoked: 0 })
    expect(await call('GET', `/internal/sessions/${id}`)).toMatchObject({ revoke_reason: 'admin' })
  })

  it('revokes all sessions of a user', async () => {
    const { id, userId, open, call } = await someSession()
    await open(userId)
    const answer = await call('POST', `/internal/users/${userId}/sessions/revoke-all`, { reason: 'permanent_block' })
    expect(answer).toEqual({ revoked: 2 })
    expect(await call('GET', `/internal/sessions/${id}`)).toMatchObject({ revoke_reason: 'permanent_block' })
  })
})

describe('a user', () => {
  it('sees, revokes and leaves sessions', async () => {
    const { id, userId, open, call } = await someSession()
    const [second, third] = [await open(userId), await open(userId)]
    const { sessions } = DeviceSessionList.parse(await call('GET', '/user/sessions'))
    expect(sessions.find(({ current }) => current)).toEqual({
      id,
      device_label: 'phone',
      created_at: '2026-03-01T12:00:00.000Z',
      last_seen_at: '2026-03-01T12:00:00.000Z',
      expires_at: '2026-03-31T12:00:00.000Z',
      current: true,
    })
    expect(new Set(sessions.map((session) => session.id))).toEqual(new Set([id, second, third]))
    expect(await call('POST', `/user/sessions/${second}/revoke`, {})).toEqual({ revoked: 1 })
    expect(await call('POST', '/user/sessions/revoke-others')).toEqual({ revoked: 1 })
    expect(await call('POST', '/user/sessions/logout')).toEqual({ revoked: 1 })
  })

  it('is told that somebody else’s session is not there (abuse 39)', async () => {
    const [mine, theirs] = [await someSession(), await someSession()]
    expect(await mine.call('POST', `/user/sessions/${theirs.id}/revoke`)).toMatchObject({ code: 'session_not_found' })
    expect(await theirs.call('GET', `/internal/sessions/${theirs.id}`)).toMatchObject({ status: 'active' })
  })

  it('names a session by its id, and nothing more', async () => {
    const { id, call } = await someSession()
    const invalid = { status: 400, code: 'invalid_input' }
    expect(await call('POST', '/user/sessions/x/revoke')).toMatchObject({
      ...invalid,
      errors: [{ field: 'session_id' }],
    })
    expect(await call('POST', `/user/sessions/${id}/revoke`, { user_id: id })).toMatchObject(invalid)
    expect(await call('POST', '/user/sessions/logout', { all: true })).toMatchObject(invalid)
  })

  it('is somebody', async () => {
    const { app } = await someSession()
    for (const url of ['/user/sessions', '/user/sessions/logout']) {
      const answer = await app.inject({ method: url.endsWith('logout') ? 'POST' : 'GET', url })
      expect(answer.json()).toMatchObject({ status: 401, code: 'identity_required' })
    }
  })
})
