import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signingVectors } from '../../../test/support/signing-vectors.ts'
import { audience, someDevice } from './fixtures.ts'
import { readDeviceKey } from './proof.ts'

const guess = { challengeId: randomUUID(), code: '01234567' }
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

function sent(change: object = {}) {
  const { client_public_key: clientPublicKey, proof } = someDevice().confirmation(guess)
  return { ...guess, clientPublicKey, proof, ...change }
}

describe('the proof that a device holds its key', () => {
  it.each(signingVectors.confirmations)('holds as published: $name', (vector) => {
    const proof = {
      challengeId: vector.challenge_id,
      code: vector.code,
      clientPublicKey: base64(vector.client_public_key),
      proof: base64(vector.signature),
    }
    expect(new Uint8Array(readDeviceKey(proof, vector.audience))).toEqual(vector.client_public_key)
  })

  it.each([
    { what: 'another challenge', change: { challengeId: randomUUID() } },
    { what: 'another code', change: { code: '01234568' } },
    { what: 'another key', change: { clientPublicKey: base64(someDevice().raw) } },
    { what: 'another proof', change: { proof: sent().proof } },
    { what: 'no proof', change: { proof: '' } },
    { what: 'half a proof', change: { proof: base64(Buffer.alloc(32)) } },
    { what: 'no base64', change: { proof: '*' } },
  ])('does not hold for $what', ({ change }) => {
    expect(() => readDeviceKey(sent(change), audience)).toThrow(expect.objectContaining({ reason: 'invalid_proof' }))
  })

  it('does not hold on another deployment', () => {
    expect(() => readDeviceKey(sent(), 'elsewhere')).toThrow(expect.objectContaining({ reason: 'invalid_proof' }))
  })

  it.each([
    { what: 'of small order', clientPublicKey: `AQ${'A'.repeat(41)}=` },
    { what: 'in a second encoding', clientPublicKey: base64(Buffer.from(`ee${'ff'.repeat(31)}`, 'hex')) },
    { what: 'too short', clientPublicKey: base64(Buffer.alloc(31, 1)) },
    { what: 'in base64url', clientPublicKey: base64(Buffer.alloc(32, 0xfb)).replaceAll('+', '-').replaceAll('/', '_') },
    { what: 'without padding', clientPublicKey: base64(someDevice().raw).replace('=', '') },
    { what: 'with more after it', clientPublicKey: `${base64(someDevice().raw)}\n` },
    { what: 'missing', clientPublicKey: '' },
  ])('is not asked of a key $what (abuse 17)', ({ clientPublicKey }) => {
    expect(() => readDeviceKey(sent({ clientPublicKey }), audience)).toThrow(
      expect.objectContaining({ kind: 'invalid', reason: 'invalid_public_key' }),
    )
  })
})
