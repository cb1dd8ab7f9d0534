import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signingVectors } from '../../../test/support/signing-vectors.ts'
import { requestSigningInput } from '../../signing/index.ts'
import { createDeviceKeys } from './device-keys.ts'
import { aGateway, aRequest, aSession, procedure, signed, unsigned } from './fixtures.ts'
import type { SignedRequest } from './model.ts'

/** The order of the base point. */
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n

const littleEndian = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`)
const bytesOf = (value: bigint) => Buffer.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toReversed())

const { seed, public_key } = signingVectors.keys.device
const secret = secretScalar(seed)

/** What the device's owner can make by hand: R is the point of the nonce, S = nonce + H(R, A, message) · secret. */
function signatureWith({ r, nonce }: { r: Buffer; nonce: bigint }, message: Uint8Array): Buffer {
  const k = littleEndian(hash('sha512', Buffer.concat([r, public_key, message]), 'buffer'))
  return Buffer.concat([r, bytesOf((nonce + k * secret) % groupOrder)])
}

function secretScalar(seed: Uint8Array): bigint {
  const half = hash('sha512', seed, 'buffer').subarray(0, 32)
  half.writeUInt8(half.readUInt8(0) & 248, 0)
  half.writeUInt8((half.readUInt8(31) & 127) | 64, 31)
  return littleEndian(half)
}

function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  const at = bit % (copy.length * 8)
  copy.writeUInt8(copy.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3)
  return copy
}
const flippedText = (text: string, bit: number) => flipped(Buffer.from(text), bit).toString('latin1')

/** Every session exists and has the device's key, so that only the signature can tell. */
const gateway = aGateway({ sessions: (id) => aSession({ id }), replay: { reserve: async () => 'reserved' } })
const reasonOf = (request: SignedRequest, options?: { procedure: string }) =>
  gateway.authenticate(request, options).then(
    () => 'authenticated',
    (refusal: { reason: string }) => refusal.reason,
  )

describe('a signature', () => {
  const request = aRequest({ payloadBytes: Buffer.from('{"game_id":"g1","turn":3}') })
  type Flip = { change: (bit: number) => Partial<SignedRequest>; reasons: string[] }
  // A flipped bit may also make a character that no envelope has.
  const inText = ['invalid_signature', 'invalid_envelope']
  const flips: Record<string, Flip> = {
    protocol_version: {
      change: (bit) => ({ protocolVersion: flippedText(request.protocolVersion, bit) }),
      reasons: ['unsupported_protocol_version', 'invalid_envelope'],
    },
    device_session_id: {
      change: (bit) => ({ deviceSessionId: flippedText(request.deviceSessionId, bit) }),
      reasons: inText,
    },
    message_type: { change: (bit) => ({ messageType: flippedText(request.messageType, bit) }), reasons: inText },
    request_id: { change: (bit) => ({ requestId: flippedText(request.requestId, bit) }), reasons: inText },
    timestamp_ms: {
      change: (bit) => ({ timestampMs: BigInt.asIntN(64, request.timestampMs ^ (1n << BigInt(bit % 64))) }),
      reasons: ['invalid_signature'],
    },
    payload_bytes: {
      change: (bit) => ({ payloadBytes: flipped(request.payloadBytes, bit) }),
      reasons: ['payload_hash_mismatch'],
    },
    payload_hash: {
      change: (bit) => ({ payloadHash: flipped(request.payloadHash, bit) }),
      reasons: ['payload_hash_mismatch'],
    },
    signature: { change: (bit) => ({ signature: flipped(request.signature, bit) }), reasons: ['invalid_signature'] },
  }

  it('holds over the request as it was signed', async () => {
    expect(await reasonOf(request)).toBe('authenticated')
  })

  it.each(Object.keys(flips))('does not hold once a bit of %s is flipped (abuse 14)', async (field) => {
    const { change, reasons } = flips[field] ?? { change: () => ({}), reasons: [] }
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 100_000 }), async (bit) => {
        expect(reasons).toContain(await reasonOf({ ...request, ...change(bit) }))
      }),
    )
  })

  it('does not hold over another payload with its own hash', async () => {
    const payloadBytes = Buffer.from('{"game_id":"g1","turn":4}')
    const payloadHash = hash('sha256', payloadBytes, 'buffer')
    expect(await reasonOf({ ...request, payloadBytes, payloadHash })).toBe('invalid_signature')
  })

  it('does not hold when fields are cut elsewhere (abuse 18)', async () => {
    const one = aRequest({ requestId: `${'a'.repeat(20)}user`, messageType: '.account.get' })
    expect(await reasonOf(one)).toBe('authenticated')
    const other = { ...one, requestId: 'a'.repeat(20), messageType: 'user.account.get' }
    expect(await reasonOf(other)).toBe('invalid_signature')
  })

  it('for a command does not open a stream (abuse 19)', async () => {
    const procedure = '/galaxy.gateway.v1.EdgeGateway/SubscribeEvents'
    expect(await reasonOf(aRequest(), { procedure })).toBe('invalid_signature')
  })

  it('for another deployment is worth nothing here (abuse 20)', async () => {
    const elsewhere = signed(unsigned(), { audience: 'galaxy-staging', procedure })
    expect(await reasonOf(elsewhere)).toBe('invalid_signature')
  })

  it('cannot be changed into a second one: S + L is refused (abuse 16)', async () => {
    const { signature } = request
    const s = littleEndian(signature.subarray(32)) + groupOrder
    const malleated = Buffer.concat([signature.subarray(0, 32), bytesOf(s)])
    expect(await reasonOf({ ...request, signature: malleated })).toBe('invalid_signature')
  })

  it.each([63, 65])('of %i bytes is refused (abuse 16)', async (length) => {
    const signature = Buffer.alloc(65)
    signature.set(request.signature)
    expect(await reasonOf({ ...request, signature: signature.subarray(0, length) })).toBe('invalid_envelope')
  })

  it('with a point R in its second encoding is refused (abuse 16)', async () => {
    const input = requestSigningInput({ ...request, audience: 'galaxy', procedure })
    const neutralAgain = Buffer.from(`ee${'ff'.repeat(30)}7f`, 'hex')
    const made = { r: Buffer.from(public_key), nonce: secret }
    expect(await reasonOf({ ...request, signature: signatureWith(made, input) })).toBe('authenticated')
    const forged = { r: neutralAgain, nonce: 0n }
    expect(await reasonOf({ ...request, signature: signatureWith(forged, input) })).toBe('invalid_signature')
  })
})

describe('a device key in the database', () => {
  const reasonWith = (raw: Uint8Array, request: SignedRequest) =>
    aGateway({ session: { public_key: Buffer.from(raw).toString('base64') } })
      .authenticate(request)
      .then(
        () => 'authenticated',
        (refusal: { reason: string }) => refusal.reason,
      )

  it.each([`01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`, '00'.repeat(32)])(
    'is not even asked about a signature when it is %s, of small order (abuse 17)',
    async (hex) => {
      const raw = Buffer.from(hex, 'hex')
      // Not every version of OpenSSL refuses what such a key is said to have signed.
      expect(createDeviceKeys()(raw.toString('base64'))).toBeUndefined()
      const signature = Buffer.concat([raw, Buffer.alloc(32)])
      expect(await reasonWith(raw, { ...unsigned(), signature })).toBe('invalid_signature')
    },
  )

  it.each([
    { what: 'is no point of the curve', raw: Buffer.from(`02${'00'.repeat(31)}`, 'hex') },
    { what: 'is too short', raw: Buffer.alloc(31, 1) },
    { what: 'is empty', raw: Buffer.alloc(0) },
  ])('is refused when it $what', async ({ raw }) => {
    expect(await reasonWith(raw, aRequest())).toBe('invalid_signature')
  })

  it('is told from the key before: each request is checked against its session as it is now', async () => {
    let publicKey = signingVectors.keys.device.public_key
    const gateway = aGateway({
      sessions: () => aSession({ public_key: Buffer.from(publicKey).toString('base64') }),
    })
    await gateway.authenticate(aRequest())
    publicKey = signingVectors.keys.gateway.public_key
    await expect(gateway.authenticate(aRequest())).rejects.toMatchObject({ reason: 'invalid_signature' })
  })
})
