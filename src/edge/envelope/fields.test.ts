import { describe, expect, it } from 'vitest'
import { checkFields } from './fields.ts'
import { unsigned } from './fixtures.ts'

describe('an envelope', () => {
  it.each([
    { field: 'protocol_version', given: { protocolVersion: '' } },
    { field: 'protocol_version', given: { protocolVersion: 'v'.repeat(17) } },
    { field: 'device_session_id', given: { deviceSessionId: '' } },
    { field: 'device_session_id', given: { deviceSessionId: 'a:b' } },
    { field: 'device_session_id', given: { deviceSessionId: '../sessions' } },
    { field: 'device_session_id', given: { deviceSessionId: 'a'.repeat(65) } },
    { field: 'message_type', given: { messageType: '' } },
    { field: 'message_type', given: { messageType: 'user account' } },
    { field: 'message_type', given: { messageType: 'a'.repeat(129) } },
    { field: 'timestamp_ms', given: { timestampMs: 2n ** 63n } },
    { field: 'timestamp_ms', given: { timestampMs: -(2n ** 63n) - 1n } },
    { field: 'request_id', given: { requestId: '' } },
    { field: 'request_id', given: { requestId: 'a'.repeat(15) } },
    { field: 'request_id', given: { requestId: 'a'.repeat(65) } },
    { field: 'request_id', given: { requestId: 'aaaaaaaaaaaaaaaa\n' } },
    { field: 'request_id', given: { requestId: 'aaaaaaaaaaaaaaaä' } },
    { field: 'payload_bytes', given: { payloadBytes: Buffer.alloc(0) } },
    { field: 'payload_bytes', given: { payloadBytes: Buffer.alloc(65_537) } },
    { field: 'payload_hash', given: { payloadHash: Buffer.alloc(0) } },
    { field: 'payload_hash', given: { payloadHash: Buffer.alloc(31) } },
    { field: 'signature', given: { signature: Buffer.alloc(0) } },
    { field: 'signature', given: { signature: Buffer.alloc(63) } },
    { field: 'signature', given: { signature: Buffer.alloc(65) } },
    { field: 'trace_id', given: { traceId: '0'.repeat(32) } },
    { field: 'trace_id', given: { traceId: 'A'.repeat(32) } },
    { field: 'trace_id', given: { traceId: 'a'.repeat(31) } },
  ])('with a bad $field is refused: $given', ({ field, given }) => {
    expect(() => checkFields(unsigned(given))).toThrow(
      expect.objectContaining({ reason: 'invalid_envelope', details: { field } }),
    )
  })

  it.each([
    { what: 'the shortest request id', given: { requestId: '-'.repeat(16) } },
    { what: 'the longest request id', given: { requestId: '_'.repeat(64) } },
    { what: 'the largest payload', given: { payloadBytes: Buffer.alloc(65_536) } },
    { what: 'the first moment there is', given: { timestampMs: -(2n ** 63n) } },
    { what: 'no time at all', given: { timestampMs: 0n } },
  ])('with $what is an envelope', ({ given }) => {
    expect(() => checkFields(unsigned(given))).not.toThrow()
  })
})
