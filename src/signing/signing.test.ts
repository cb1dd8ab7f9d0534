import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signingVectors } from '../../test/support/signing-vectors.ts'
import {
  confirmSigningInput,
  eventSigningInput,
  isTrustworthyPublicKey,
  requestSigningInput,
  responseSigningInput,
  spkiOf,
} from './index.ts'
import { lengthPrefixed } from './length-prefixed.ts'

const { requests, responses, events, confirmations, keys } = signingVectors

describe('the signing inputs come to the published bytes', () => {
  it.each(requests)('of the request: $name', (vector) => {
    const input = requestSigningInput({
      audience: vector.audience,
      procedure: vector.procedure,
      protocolVersion: vector.protocol_version,
      deviceSessionId: vector.device_session_id,
      requestId: vector.request_id,
      messageType: vector.message_type,
      timestampMs: vector.timestamp_ms,
      payloadHash: vector.payload_hash,
    })
    expect(input).toEqual(vector.signing_input)
  })

  it.each(responses)('of the response: $name', (vector) => {
    const input = responseSigningInput({
      keyId: vector.key_id,
      requestId: vector.request_id,
      requestHash: vector.request_hash,
      timestampMs: vector.timestamp_ms,
      resultCode: vector.result_code,
      payloadHash: vector.payload_hash,
    })
    expect(input).toEqual(vector.signing_input)
  })

  it.each(events)('of the event: $name', (vector) => {
    const input = eventSigningInput({
      keyId: vector.key_id,
      eventType: vector.event_type,
      eventId: vector.event_id,
      timestampMs: vector.timestamp_ms,
      payloadHash: vector.payload_hash,
    })
    expect(input).toEqual(vector.signing_input)
  })

  it.each(confirmations)('of the proof: $name', (vector) => {
    const input = confirmSigningInput({
      audience: vector.audience,
      challengeId: vector.challenge_id,
      codeHash: vector.code_hash,
      clientPublicKey: vector.client_public_key,
    })
    expect(input).toEqual(vector.signing_input)
  })
})

describe('length prefixes', () => {
  it('keep different fields apart, however their bytes are cut (abuse 18)', () => {
    const fields = fc.array(fc.oneof(fc.string(), fc.uint8Array()), { maxLength: 6 })
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        const bytes = (list: typeof a) =>
          list.map((field) => (typeof field === 'string' ? [...new TextEncoder().encode(field)] : [...field]))
        const same = JSON.stringify(bytes(a)) === JSON.stringify(bytes(b))
        expect(Buffer.from(lengthPrefixed(a)).equals(lengthPrefixed(b))).toBe(same)
      }),
    )
  })

  it('write a moment as 8 bytes in two’s complement', () => {
    expect([...lengthPrefixed([-2n])]).toEqual([0, 0, 0, 8, 255, 255, 255, 255, 255, 255, 255, 254])
  })
})

describe('a device key', () => {
  it('is trusted when it is an ordinary one', () => {
    expect(isTrustworthyPublicKey(keys.device.public_key)).toBe(true)
  })

  it.each([
    { what: 'the neutral point', hex: '0100000000000000000000000000000000000000000000000000000000000000' },
    { what: 'the point of order two', hex: 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f' },
    { what: 'a point of order four', hex: '0000000000000000000000000000000000000000000000000000000000000000' },
    { what: 'the other point of order four', hex: '0000000000000000000000000000000000000000000000000000000000000080' },
    { what: 'a point of order eight', hex: '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05' },
    { what: 'its mirror image', hex: '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85' },
    { what: 'another point of order eight', hex: 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a' },
    { what: 'the image of that one', hex: 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa' },
    { what: 'the prime itself', hex: 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f' },
    {
      what: 'a second encoding of the neutral point',
      hex: 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    },
    { what: 'too short a key', hex: '01' },
  ])('is refused when it is $what (abuse 17)', ({ hex }) => {
    expect(isTrustworthyPublicKey(Buffer.from(hex, 'hex'))).toBe(false)
  })

  it('is wrapped into SubjectPublicKeyInfo', () => {
    expect(Buffer.from(spkiOf(keys.device.public_key)).toString('hex')).toMatch(
      /^302a300506032b6570032100[0-9a-f]{64}$/,
    )
  })
})
