import { describe, expect, it } from 'vitest'
import type { BackendAnswer, BackendCall } from '../backend/index.ts'
import { createRoute } from './index.ts'

const identity = {
  userId: '7d444840-9dc0-41d1-b245-5ffdce74fad2',
  deviceSessionId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  requestId: 'request-00000001',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  requestHash: Buffer.alloc(32),
}

const answered = (status: number, json: unknown): BackendAnswer => ({ status, json, text: JSON.stringify(json) })
const problem = (status: number, code: string) => ({ type: 'about:blank', title: 'x', status, code, detail: 'd' })

const account = {
  id: identity.userId,
  user_name: 'Player-1',
  display_name: 'Ada',
  email: 'ada@example.org',
  locale: 'en',
  time_zone: 'UTC',
  created_at: '2026-03-01T12:00:00Z',
}

function aRoute(answer: BackendAnswer = answered(409, problem(409, 'conflict'))) {
  const calls: BackendCall[] = []
  const route = createRoute({
    backend: {
      call: async (call) => {
        calls.push(call)
        return answer
      },
    },
  })
  const { signal } = new AbortController()
  const send = async (messageType: string, payload: unknown, clientIp = '192.0.2.1') => {
    const text = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload)
    const said = await route({ messageType, payloadBytes: Buffer.from(text), identity, clientIp, signal })
    return { resultCode: said.resultCode, text: Buffer.from(said.payload).toString() }
  }
  return { calls, send }
}

describe('a command', () => {
  it('becomes one call in the name of its user', async () => {
    const { calls, send } = aRoute()
    await send('game.report.get', { game_id: 'g1', turn: 3 })
    expect(calls).toMatchObject([
      {
        method: 'GET',
        path: '/api/v1/user/games/g1/turns/3/report',
        traceId: identity.traceId,
        headers: {
          'x-user-id': identity.userId,
          'x-device-session-id': identity.deviceSessionId,
          'x-client-ip': '192.0.2.1',
        },
      },
    ])
  })

  it('says nothing of an address that is not known', async () => {
    const { calls, send } = aRoute()
    await send('user.account.get', {}, '')
    expect(calls[0]?.headers).not.toHaveProperty('x-client-ip')
  })

  it('that is unknown is refused before the backend hears of it', async () => {
    const { calls, send } = aRoute()
    for (const type of ['user.account.drop', 'gateway.subscribe', '__proto__', 'constructor']) {
      await expect(send(type, {})).rejects.toMatchObject({ kind: 'unimplemented', reason: 'unknown_message_type' })
    }
    expect(calls).toEqual([])
  })
})

describe('a payload that does not fit', () => {
  it.each([
    { what: 'no JSON', payload: '{"a"' },
    { what: 'no object', payload: '[]' },
    { what: 'null', payload: 'null' },
    { what: 'no UTF-8', payload: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) },
    { what: 'with a byte order mark', payload: '\u{feff}{}' },
    { what: 'nested without end', payload: `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}` },
    { what: 'with a member that nobody reads', payload: '{"user_id":"7d444840-9dc0-41d1-b245-5ffdce74fad2"}' },
  ])('is answered with invalid_input: $what', async ({ payload }) => {
    const { calls, send } = aRoute()
    const { resultCode, text } = await send('user.account.get', payload)
    expect(resultCode).toBe('invalid_input')
    expect(JSON.parse(text)).toMatchObject({ status: 400, code: 'invalid_input', detail: expect.any(String) })
    expect(calls).toEqual([])
  })

  it('is answered with every field that is wrong', async () => {
    const { text } = await aRoute().send('game.report.get', { game_id: '../x', turn: -1 })
    const { errors } = JSON.parse(text)
    expect(errors.map(({ field }: { field: string }) => field)).toEqual(['game_id', 'turn'])
  })

  it('is answered with invalid_input: orders that are nested without end', async () => {
    const deep = `{"game_id":"g1","turn":1,"orders":[{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}]}`
    expect(await aRoute().send('game.orders.submit', deep)).toMatchObject({ resultCode: 'invalid_input' })
  })
})

describe("the backend's answer", () => {
  it('is ok and passed on as it came', async () => {
    const text = JSON.stringify({ ...account, n: 1 }, undefined, 1).replace('"n": 1', '"n": 1.0')
    const { send } = aRoute({ status: 200, json: JSON.parse(text), text })
    expect(await send('user.account.get', {})).toEqual({ resultCode: 'ok', text })
  })

  it.each([
    problem(400, 'invalid_input'),
    problem(404, 'game_not_found'),
    problem(409, 'conflict'),
    problem(412, 'version_conflict'),
    { ...problem(422, 'orders_refused'), errors: [{ index: 0, message: 'm' }] },
    problem(429, 'rate_limited'),
    problem(502, 'engine_failed'),
    problem(503, 'engine_not_ready'),
    problem(504, 'engine_late'),
  ])('of $status $code is a refusal of the platform, signed like a success', async (said) => {
    const { send } = aRoute(answered(said.status, said))
    expect(await send('user.account.get', {})).toEqual({ resultCode: said.code, text: JSON.stringify(said) })
  })

  const invalid = { kind: 'upstream', reason: 'upstream_invalid' }
  const away = { kind: 'unavailable', reason: 'backend_unavailable' }
  it.each([
    { what: 'a bug of it', answer: answered(500, problem(500, 'internal')), refusal: invalid },
    { what: 'a failure in other words', answer: answered(500, { error: 'x' }), refusal: invalid },
    { what: 'a refusal in other words', answer: answered(404, { message: 'no route' }), refusal: invalid },
    { what: 'a problem that calls itself ok', answer: answered(409, problem(409, 'ok')), refusal: invalid },
    { what: 'a problem without a stable word', answer: answered(409, problem(409, 'Not OK!')), refusal: invalid },
    { what: 'a problem of another status', answer: answered(400, problem(409, 'conflict')), refusal: invalid },
    { what: 'null', answer: answered(200, null), refusal: invalid },
    { what: 'a list', answer: answered(200, []), refusal: invalid },
    { what: 'a success of another form', answer: answered(200, { ...account, id: 1 }), refusal: invalid },
    { what: 'a success without a body', answer: { status: 204, json: undefined, text: '' }, refusal: invalid },
    { what: "a proxy's 502", answer: answered(502, {}), refusal: away },
    { what: "a proxy's 503", answer: answered(503, { message: 'no upstream' }), refusal: away },
    { what: "a proxy's 504", answer: answered(504, {}), refusal: away },
  ])('that is $what fails the call', async ({ answer, refusal }) => {
    await expect(aRoute(answer).send('user.account.get', {})).rejects.toMatchObject(refusal)
  })
})
