import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signingVectors } from '../../../test/support/signing-vectors.ts'
import { Refusal } from '../../platform/errors.ts'
import { aGateway, aRequest, aSession, type Gateway, noon, sessionId, signed, unsigned, userId } from './fixtures.ts'
import type { SignedRequest } from './model.ts'
import { replayStoreUnavailable, type Reservation } from './replay-store.ts'

async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => 'it was let through',
    (caught: unknown) => caught,
  )
  if (error instanceof Refusal) return error
  throw new Error(`not refused: ${String(error)}`, { cause: error })
}

const reasonOf = async (gateway: Gateway, request: SignedRequest) =>
  (await refusalOf(gateway.authenticate(request))).reason

const answering = (reservation: Reservation) => ({ reserve: async () => reservation })
const silent = { reserve: async () => Promise.reject(replayStoreUnavailable()) }

describe('a request with which nothing is wrong', () => {
  it('is authenticated', async () => {
    const request = aRequest()
    const authenticated = await aGateway().authenticate(request)
    expect(authenticated).toMatchObject({ userId, deviceSessionId: sessionId, requestId: request.requestId })
    expect(authenticated.traceId).toMatch(/^[0-9a-f]{32}$/)
  })

  it('keeps the trace id that it brings', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    expect(await aGateway().authenticate(aRequest({ traceId }))).toMatchObject({ traceId })
  })

  it('costs one look-up of its session, every time', async () => {
    const gateway = aGateway()
    for (const _ of [1, 2, 3]) await gateway.authenticate(aRequest())
    expect(gateway.asked).toEqual([sessionId, sessionId, sessionId])
  })

  // A payload is never empty on the wire, as one of the vectors has it.
  it.each(signingVectors.requests.filter(({ payload }) => payload !== ''))(
    'is authenticated as published: $name',
    async (vector) => {
      const gateway = aGateway({
        audience: vector.audience,
        now: () => new Date(Number(vector.timestamp_ms)),
        replay: answering('reserved'),
      })
      const request = {
        protocolVersion: vector.protocol_version,
        deviceSessionId: vector.device_session_id,
        messageType: vector.message_type,
        timestampMs: vector.timestamp_ms,
        requestId: vector.request_id,
        payloadBytes: Buffer.from(vector.payload),
        payloadHash: vector.payload_hash,
        signature: vector.signature,
        traceId: '',
      }
      const { requestHash } = await gateway.authenticate(request, { procedure: vector.procedure })
      expect(requestHash).toEqual(hash('sha256', vector.signing_input, 'buffer'))
    },
  )
})

describe('each stage refuses with its own code', () => {
  const late = new Date(noon.getTime() + 60_001)
  const early = new Date(noon.getTime() - 60_001)
  const wrongHash = { payloadHash: Buffer.alloc(32) }

  it.each([
    { code: 'InvalidArgument', reason: 'invalid_envelope', gateway: {}, request: { requestId: 'short' } },
    { code: 'FailedPrecondition', reason: 'unsupported_protocol_version', request: { protocolVersion: 'v2' } },
    { code: 'Unauthenticated', reason: 'unknown_session', gateway: { sessions: () => undefined } },
    { code: 'FailedPrecondition', reason: 'session_revoked', gateway: { session: { status: 'revoked' } } },
    { code: 'InvalidArgument', reason: 'payload_hash_mismatch', request: wrongHash },
    { code: 'Unauthenticated', reason: 'invalid_signature', gateway: { audience: 'other' } },
    { code: 'FailedPrecondition', reason: 'stale_request', gateway: { now: () => late } },
    { code: 'FailedPrecondition', reason: 'request_from_future', gateway: { now: () => early } },
    { code: 'AlreadyExists', reason: 'replayed_request', gateway: { replay: answering('replayed') } },
    { code: 'FailedPrecondition', reason: 'replay_store_reset', gateway: { replay: answering('reset') } },
    { code: 'Unavailable', reason: 'replay_store_unavailable', gateway: { replay: silent } },
  ] as const)('$reason as $code', async ({ code, reason, ...given }) => {
    const gateway = aGateway('gateway' in given ? given.gateway : {})
    const request = aRequest('request' in given ? given.request : {})
    expect(await refusalOf(gateway.authenticate(request))).toMatchObject({ reason, connectCode: code })
  })
})

describe('the failure of a stage', () => {
  const stages = ['envelope', 'version', 'session', 'hash', 'signature', 'freshness', 'replay'] as const
  type Stage = (typeof stages)[number]
  const reasons: Record<Stage, string> = {
    envelope: 'invalid_envelope',
    version: 'unsupported_protocol_version',
    session: 'session_revoked',
    hash: 'payload_hash_mismatch',
    signature: 'invalid_signature',
    freshness: 'stale_request',
    replay: 'replayed_request',
  }

  /** A request and a gateway with just these faults: what is wrong before the signature is signed as it is. */
  async function meet(faults: ReadonlySet<Stage>) {
    let reserved = 0
    const gateway = aGateway({
      session: { status: faults.has('session') ? 'revoked' : 'active' },
      replay: {
        reserve: async () => {
          reserved += 1
          return faults.has('replay') ? 'replayed' : 'reserved'
        },
      },
    })
    const request = aRequest({
      ...(faults.has('envelope') && { traceId: 'not hex' }),
      ...(faults.has('version') && { protocolVersion: 'v0' }),
      ...(faults.has('hash') && { payloadHash: Buffer.alloc(32, 7) }),
      ...(faults.has('freshness') && { timestampMs: 0n }),
    })
    if (faults.has('signature')) request.signature = Buffer.alloc(64, 1)
    const refusal = await refusalOf(gateway.authenticate(request))
    return { reason: refusal.reason, asked: gateway.asked.length, reserved }
  }

  it('wins over those of all later stages, which do nothing (abuse 15)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray([...stages], { minLength: 1 }), async (faults) => {
        const first = faults[0] ?? 'replay'
        const { reason, asked, reserved } = await meet(new Set(faults))
        expect(reason).toBe(reasons[first])
        expect(asked).toBe(stages.indexOf(first) < stages.indexOf('session') ? 0 : 1)
        expect(reserved).toBe(first === 'replay' ? 1 : 0)
      }),
    )
  })
})

describe('a session', () => {
  it('is not remembered as active once it has been revoked (abuse 32)', async () => {
    let status: 'active' | 'revoked' = 'active'
    const gateway = aGateway({ sessions: () => aSession({ status }) })
    await gateway.authenticate(aRequest())
    status = 'revoked'
    expect(await reasonOf(gateway, aRequest())).toBe('session_revoked')
  })

  it.each(['nobody', '00000000-0000-4000-8000-000000000000', '-'])(
    'of the made-up id %s is asked for like a real one (abuse 31)',
    async (deviceSessionId) => {
      const gateway = aGateway()
      expect(await reasonOf(gateway, aRequest({ deviceSessionId }))).toBe('unknown_session')
      expect(gateway.asked).toEqual([deviceSessionId])
    },
  )

  it('has one name: the backend reads capital letters, the gateway does not', async () => {
    const gateway = aGateway({ sessions: () => aSession() })
    const deviceSessionId = sessionId.toUpperCase()
    expect(await reasonOf(gateway, aRequest({ deviceSessionId }))).toBe('unknown_session')
  })

  it('of somebody else does not make a request theirs (abuse 31)', async () => {
    const other = { id: 'c9bf9e57-1685-4c89-bafb-ff5af830be8a', public_key: Buffer.alloc(32, 9).toString('base64') }
    const gateway = aGateway({ session: other, sessions: () => aSession(other) })
    expect(await reasonOf(gateway, aRequest({ deviceSessionId: other.id }))).toBe('invalid_signature')
  })
})

describe('a request that its client has given up', () => {
  it('is not reserved, so that it can be sent again as it is', async () => {
    const gaveUp = new AbortController()
    const gateway = aGateway({
      sessions: () => {
        gaveUp.abort(new Error('canceled'))
        return aSession()
      },
    })
    const request = aRequest()
    await expect(gateway.authenticate(request, { signal: gaveUp.signal })).rejects.toThrow('canceled')
    expect(await gateway.authenticate(request)).toMatchObject({ requestId: request.requestId })
  })
})

describe('a payload', () => {
  it('that is not the hashed one is refused though the signature is right (abuse 15)', async () => {
    const request = signed(unsigned({ payloadHash: Buffer.alloc(32, 1) }))
    expect(await reasonOf(aGateway(), request)).toBe('payload_hash_mismatch')
  })
})
