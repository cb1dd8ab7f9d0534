import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { createHttpApp } from '../../platform/http.ts'
import { logSerializers } from '../../platform/log.ts'
import { requireServiceToken } from '../../platform/service-token.ts'
import {
  createSessionsService,
  defaultSessionLimits,
  internalSessionRoutes,
  userSessionRoutes,
} from '../sessions/index.ts'
import { createUsersService, userAccountRoutes } from '../users/index.ts'
import { mailsTo, someAddress, someDevice, startAuth, wrong } from './fixtures.ts'
import { authPublicRoutes } from './routes.ts'

let database: TestPool
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

/** The part of the api that signing in crosses, put together as the process does, with all that it logs. */
function startApi({ db } = database) {
  const lines: string[] = []
  const log = pino({ level: 'trace', serializers: logSerializers }, { write: (line: string) => lines.push(line) })
  const { auth, pass, now } = startAuth(db, { log })
  const sessions = createSessionsService({ db, clock: { now }, limits: defaultSessionLimits, log })
  const app = createHttpApp({ log })
  app.register(authPublicRoutes(auth), { prefix: '/api/v1/public' })
  app.register(
    async (guarded) => {
      guarded.addHook('onRequest', requireServiceToken('secret'))
      guarded.register(userAccountRoutes(createUsersService({ db })), { prefix: '/user' })
      guarded.register(userSessionRoutes(sessions), { prefix: '/user' })
      guarded.register(internalSessionRoutes(sessions), { prefix: '/internal' })
    },
    { prefix: '/api/v1' },
  )
  const post = (path: string, payload: object | string, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: `/api/v1/public/auth/${path}`,
      payload,
      headers: { 'content-type': 'application/json', ...headers },
    })
  const get = (path: string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'GET', url: `/api/v1${path}`, headers: { authorization: 'Bearer secret', ...headers } })
  return { post, get, pass, logged: () => lines.join('') }
}

const Sent = z.strictObject({ challenge_id: z.uuid() })
const Confirmed = z.strictObject({ device_session_id: z.uuid() })

describe('signing in over HTTP', () => {
  it('leads from an address to an account', async () => {
    const address = someAddress()
    const { post, get } = startApi()
    const { challenge_id: challengeId } = Sent.parse((await post('send-email-code', { email: address })).json())
    const [mail] = await mailsTo(database.db, address)
    const device = someDevice()
    const body = device.confirmation({ challengeId, code: mail?.code ?? '' }, { device_label: 'phone' })
    const confirmed = await post('confirm-email-code', body)
    expect(confirmed.headers['cache-control']).toBe('no-store')
    const { device_session_id: id } = Confirmed.parse(confirmed.json())

    const session = (await get(`/internal/sessions/${id}`)).json()
    expect(session).toMatchObject({ status: 'active', public_key: body.client_public_key })
    const identity = { 'x-user-id': session.user_id, 'x-device-session-id': id }
    expect((await get('/user/account', identity)).json()).toMatchObject({ id: session.user_id, email: address })
    expect((await get('/user/sessions', identity)).json()).toMatchObject({
      sessions: [{ id, device_label: 'phone', current: true }],
    })
  })

  it('demands the service credential behind the public routes (abuse 37)', async () => {
    const { get } = startApi()
    for (const path of ['/user/account', `/internal/sessions/${randomUUID()}`]) {
      expect((await get(path, { authorization: 'Bearer wrong' })).json()).toMatchObject({
        status: 401,
        code: 'service_credential_required',
      })
    }
  })

  it('answers every wrong confirmation with the same bytes (abuse 46)', async () => {
    const address = someAddress()
    const { post, pass } = startApi()
    const { challenge_id: challengeId } = Sent.parse((await post('send-email-code', { email: address })).json())
    const code = (await mailsTo(database.db, address))[0]?.code ?? ''
    const answer = async (guess: { challengeId: string; code: string }) => {
      const { statusCode, headers, body } = await post('confirm-email-code', someDevice().confirmation(guess))
      return { statusCode, headers: { ...headers, date: '' }, body }
    }
    const first = await answer({ challengeId, code: wrong(code) })
    expect(first.statusCode).toBe(400)
    expect(JSON.parse(first.body)).toMatchObject({ code: 'invalid_or_expired_code' })
    expect(await answer({ challengeId: randomUUID(), code })).toEqual(first)
    pass(600_000)
    expect(await answer({ challengeId, code })).toEqual(first)
  })

  it.each([
    { field: 'email', body: {} },
    { field: 'email', body: { email: 'ada@example.com,evil@example.com' } },
    { field: 'email', body: { email: 'ada@example.com\r\nBcc: evil@example.com' } },
    { field: 'email', body: { email: ['ada@example.com'] } },
    { field: 'locale', body: { email: 'ada@example.com', locale: '../../etc' } },
  ])('mails nothing for $body, and names $field (abuse 48)', async ({ field, body }) => {
    const answer = await startApi().post('send-email-code', body)
    expect(answer.json()).toMatchObject({ status: 400, code: 'invalid_input', errors: [{ field }] })
  })

  it.each(['send-email-code', 'confirm-email-code'])('refuses what is no JSON object at %s', async (path) => {
    const { post } = startApi()
    for (const body of ['{', '[]', 'null', '1', '{"__proto__":{"email":"a@b.example"}}']) {
      expect((await post(path, body)).json(), body).toMatchObject({ status: 400, code: 'invalid_input' })
    }
  })

  it.each([
    { code: 'invalid_public_key', change: { client_public_key: `AQ${'A'.repeat(41)}=` } },
    { code: 'invalid_proof', change: { proof: Buffer.alloc(64).toString('base64') } },
    { code: 'invalid_input', change: { challenge_id: 'x' } },
    { code: 'invalid_input', change: { code: 12_345_678 } },
    { code: 'invalid_input', change: { code: '0'.repeat(10_000) } },
    { code: 'invalid_input', change: { time_zone: 'Mars/Olympus' } },
    { code: 'invalid_input', change: { user_id: randomUUID() } },
  ])('answers $code to $change', async ({ code, change }) => {
    const body = { ...someDevice().confirmation({ challengeId: randomUUID(), code: '01234567' }), ...change }
    expect((await startApi().post('confirm-email-code', body)).json()).toMatchObject({ status: 400, code })
  })

  it('keeps who asked as a hash only', async () => {
    const { post } = startApi()
    const ask = async (ip: string) => {
      const sent = await post('send-email-code', { email: someAddress() }, { 'x-client-ip': ip })
      const { challenge_id: id } = Sent.parse(sent.json())
      return database.db.oneFirst(sql.type(z.object({ hash: z.instanceof(Buffer).nullable() }))`
        SELECT requester_ip_hash AS hash FROM backend.auth_challenges WHERE id = ${id}
      `)
    }
    const [first, second, other] = [await ask('203.0.113.7'), await ask('203.0.113.7'), await ask('203.0.113.8')]
    expect(first).toHaveLength(32)
    expect(second).toEqual(first)
    expect(other).not.toEqual(first)
    expect(await ask('not an address')).toBeNull()
  })
})

describe('what is logged', () => {
  it('names neither address nor code, whatever happens (abuse 47)', async () => {
    const address = someAddress()
    const { post, logged } = startApi()
    const send = () => post('send-email-code', { email: address })
    const { challenge_id: challengeId } = Sent.parse((await send()).json())
    await send()
    const code = (await mailsTo(database.db, address))[0]?.code ?? ''
    await post('confirm-email-code', someDevice().confirmation({ challengeId, code: wrong(code) }))
    await post('confirm-email-code', someDevice().confirmation({ challengeId, code }))
    await post('send-email-code', { email: `${address},` })
    expect(logged()).toContain(challengeId)
    expect(logged()).not.toContain(address.split('@')[0])
    expect(logged()).not.toContain(code)
  })

  it('names neither of them when the database fails (abuse 47)', async () => {
    await using own = await openTestDatabase()
    const address = someAddress()
    const { post, logged } = startApi(own)
    await own.db.query(sql.type(z.object({}))`ALTER TABLE backend.mail_deliveries ADD CHECK (recipient = '')`)
    const answer = await post('send-email-code', { email: address })
    expect(answer.json()).toMatchObject({ status: 500, code: 'internal' })
    expect(logged()).toContain('mail_deliveries')
    expect(logged()).not.toContain(address.split('@')[0])
  })
})
