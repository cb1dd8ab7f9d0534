import { create } from '@bufbuild/protobuf'
import { Code, ConnectError } from '@connectrpc/connect'
import { describe, expect, it } from 'vitest'
import { RetryInfoSchema } from '../gen/google/rpc/error_details_pb.ts'
import { account, scriptedPlayer } from '../../test/support/scripted-player.ts'
import { gatewayError, sha256 } from '../../test/support/scripted-gateway.ts'
import { CommandRefused, GatewayRefused, GatewayUntrusted, SignedOut } from './index.ts'

async function player() {
  const scripted = await scriptedPlayer()
  scripted.gateway.answer = () => ({ payload: account })
  return scripted
}

describe('a command', () => {
  it('gives what the gateway answers, in the form of the catalogue', async () => {
    const { client, gateway } = await player()
    expect(await client.account()).toEqual(account)
    expect(gateway.received).toMatchObject([{ type: 'user.account.get', payload: {} }])
  })

  it('sends its payload, and never the same request id twice', async () => {
    const { client, gateway } = await player()
    gateway.answer = () => ({ payload: { turn: 4, orders: [] } })
    await client.games.submitOrders('quickstart', 4, [{ type: 'unload', group: 1 }])
    await client.games.orders('quickstart')
    const [submitted, read] = gateway.received
    expect(submitted?.payload).toEqual({ game_id: 'quickstart', turn: 4, orders: [{ type: 'unload', group: 1 }] })
    expect(read?.payload).toEqual({ game_id: 'quickstart' })
    expect(submitted?.requestId).not.toBe(read?.requestId)
  })

  it('that the rules refuse throws the problem and its code', async () => {
    const { client, gateway } = await player()
    const errors = [{ index: 0, message: 'group: you have no group 1' }]
    const problem = { status: 422, code: 'invalid_orders', detail: 'Some orders are wrong.', errors }
    gateway.answer = () => ({ resultCode: 'invalid_orders', payload: problem })
    const refusal = await client.games.submitOrders('quickstart', 4, []).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(CommandRefused)
    expect(refusal).toMatchObject({ code: 'invalid_orders', message: 'Some orders are wrong.', problem })
    expect(gateway.received).toHaveLength(1)
  })

  it('of a device that is not signed in is not sent', async () => {
    const { client, gateway } = await player()
    await client.sessions.logout().catch(() => undefined)
    gateway.answer = () => ({ payload: { revoked: 1 } })
    await client.sessions.logout()
    const sent = gateway.received.length
    await expect(client.account()).rejects.toThrow(SignedOut)
    expect(gateway.received).toHaveLength(sent)
  })

  it.each(['session_revoked', 'unknown_session'])('refused with %s signs this device out', async (code) => {
    const { client, gateway } = await player()
    gateway.onRequest = async () => {
      throw gatewayError(code, code === 'unknown_session' ? Code.Unauthenticated : Code.FailedPrecondition)
    }
    await expect(client.account()).rejects.toMatchObject({ name: 'SignedOut', code })
    expect(client.session()).toBeUndefined()
  })
})

describe('an answer is thrown away', () => {
  it.each([
    { what: 'its payload was changed', change: { payloadBytes: Buffer.from('{"id":"x"}') } },
    { what: 'its payload and hash were changed', change: hashed('{}') },
    { what: 'its result code was changed', change: { resultCode: 'not_found' } },
    { what: 'its time was changed', change: { timestampMs: 1n } },
    { what: 'it names another request', change: { requestId: 'another-request-id' } },
    { what: 'it is of another protocol', change: { protocolVersion: 'v2' } },
    { what: 'its signature is missing', change: { signature: new Uint8Array() } },
    { what: 'its key is not published', change: { keyId: '0123456789abcdef' } },
  ])('when $what (abuse 29)', async ({ change }) => {
    const { client, gateway } = await player()
    gateway.tamperResponse = (response) => ({ ...response, ...change })
    await expect(client.account()).rejects.toThrow(GatewayUntrusted)
  })

  it('when the gateway signed it for another request, although the request id is the same (abuse 29)', async () => {
    const { client, gateway } = await player()
    gateway.tamperResponse = (response) => gateway.sign(response, sha256('what somebody else had signed'))
    await expect(client.account()).rejects.toThrow(GatewayUntrusted)
  })

  it('when it was the answer to an earlier request (abuse 29)', async () => {
    const { client, gateway } = await player()
    const answers: object[] = []
    gateway.tamperResponse = (response) => {
      answers.push(response)
      return answers[0] ?? response
    }
    await client.account()
    await expect(client.account()).rejects.toThrow('another request')
  })
})

describe('the keys of the gateway', () => {
  it('are fetched once, and again when the gateway signs with a new one (abuse 30)', async () => {
    const { client, gateway } = await player()
    await Promise.all([client.account(), client.account()])
    expect(gateway.keyFetches).toBe(1)
    gateway.rotateKey()
    await Promise.all([client.account(), client.account()])
    expect(gateway.keyFetches).toBe(2)
  })

  it('do not include one that the gateway does not publish (abuse 30)', async () => {
    const { client, gateway } = await player()
    gateway.rotateKey({ publish: false })
    await expect(client.account()).rejects.toThrow(GatewayUntrusted)
  })

  it('are not believed for longer than an hour without being asked for again', async () => {
    const { client, gateway, clock } = await player()
    await client.account()
    clock.advance(3_600_000)
    await client.account()
    expect(gateway.keyFetches).toBe(2)
  })

  it('come with the audience, unless it is given', async () => {
    const { client } = await player()
    expect(await client.account()).toEqual(account)
    await expect(scriptedPlayer({ audience: 'elsewhere' })).rejects.toMatchObject({ code: 'invalid_proof' })
  })
})

describe('a clock that is wrong', () => {
  it.each([-3_600_000, 3_600_000])('by %i ms is corrected by what the gateway says, with a new request', async (ms) => {
    const { client, gateway, clock } = await player()
    await client.account()
    const { nowMs } = clock
    // The gateway stays where it was: only the client's idea of the time jumps.
    Object.assign(clock, { nowMs: () => nowMs() + ms })
    expect(await client.account()).toEqual(account)
    expect(await client.account()).toEqual(account)
    expect(gateway.received).toHaveLength(3)
  })

  it('is corrected once: a gateway that still refuses is believed', async () => {
    const { client, gateway } = await player()
    let requests = 0
    gateway.onRequest = async () => {
      requests += 1
      throw gatewayError('stale_request', Code.FailedPrecondition, { server_time_ms: '1772366400000' })
    }
    await expect(client.account()).rejects.toMatchObject({ code: 'stale_request', serverTimeMs: 1_772_366_400_000 })
    expect(requests).toBe(2)
  })
})

describe('a gateway in trouble', () => {
  const troubles = [
    new ConnectError('connect ECONNREFUSED', Code.Unavailable),
    new ConnectError('socket hang up', Code.Aborted),
    gatewayError('backend_unavailable', Code.Unavailable),
    gatewayError('backend_unavailable', Code.DeadlineExceeded),
    gatewayError('replayed_request', Code.AlreadyExists),
  ]

  it.each(troubles)('is asked again what may be asked twice: $message', async (trouble) => {
    const { client, gateway } = await player()
    failTimes(gateway, 2, trouble)
    expect(await client.account()).toEqual(account)
  })

  it('is sent orders again, since they replace those before them', async () => {
    const { client, gateway } = await player()
    gateway.answer = () => ({ payload: { turn: 1, orders: [] } })
    failTimes(gateway, 1, gatewayError('backend_unavailable', Code.Unavailable))
    expect(await client.games.submitOrders('quickstart', 1, [])).toEqual({ turn: 1, orders: [] })
  })

  it.each(troubles)('is not asked again to do something: $message', async (trouble) => {
    const { client, gateway } = await player()
    failTimes(gateway, 1, trouble)
    await expect(client.sessions.revokeOthers()).rejects.toThrow(GatewayRefused)
  })

  it.each(['replay_store_unavailable', 'overloaded'])(
    'is asked anything again that it turned away before it ran: %s',
    async (reason) => {
      const { client, gateway } = await player()
      gateway.answer = () => ({ payload: { revoked: 2 } })
      failTimes(gateway, 1, gatewayError(reason, Code.Unavailable))
      expect(await client.sessions.revokeOthers()).toBe(2)
    },
  )

  it('is not asked again before it said', async () => {
    const { client, gateway, clock } = await player()
    const value = create(RetryInfoSchema, { retryDelay: { seconds: 1n, nanos: 500_000_000 } })
    const overloaded = gatewayError('overloaded', Code.Unavailable)
    overloaded.details.push({ desc: RetryInfoSchema, value })
    failTimes(gateway, 1, overloaded)
    const startMs = clock.nowMs()
    expect(await client.account()).toEqual(account)
    expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(1500)
  })

  it('is left alone when the time is over', async () => {
    const { client, gateway, clock } = await player()
    failTimes(gateway, Infinity, new ConnectError('refused', Code.Unavailable))
    const startMs = clock.nowMs()
    await expect(client.account({ timeoutMs: 20_000 })).rejects.toMatchObject({ code: 'unreachable' })
    expect(clock.waits.length).toBeGreaterThan(3)
    expect(clock.nowMs() - startMs).toBeLessThan(20_000)
  })

  it.each([
    gatewayError('rate_limited', Code.ResourceExhausted),
    gatewayError('invalid_signature', Code.Unauthenticated),
    gatewayError('unknown_message_type', Code.Unimplemented),
  ])('that refuses for good is not asked again: $message', async (refusal) => {
    const { client, gateway } = await player()
    failTimes(gateway, 1, refusal)
    await expect(client.account()).rejects.toMatchObject({ code: refusal.rawMessage, connectCode: refusal.code })
  })
})

function hashed(text: string) {
  return { payloadBytes: Buffer.from(text), payloadHash: sha256(text) }
}

function failTimes(gateway: Awaited<ReturnType<typeof player>>['gateway'], times: number, error: Error): void {
  let left = times
  gateway.onRequest = async () => {
    if (left > 0) {
      left -= 1
      throw error
    }
  }
}
