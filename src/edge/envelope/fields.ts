import { Refusal } from '../../platform/errors.ts'
import { maxPayloadBytes } from '../../messages/index.ts'
import type { SignedRequest } from './model.ts'

type Rule = { field: string; must: string; holds: (request: SignedRequest) => boolean }

/** Empty is absent: protobuf does not tell them apart. */
const rules: readonly Rule[] = [
  {
    field: 'protocol_version',
    must: 'be 1 to 16 characters of [A-Za-z0-9._-]',
    holds: ({ protocolVersion }) => /^[A-Za-z0-9._-]{1,16}$/.test(protocolVersion),
  },
  {
    field: 'device_session_id',
    must: 'be 1 to 64 characters of [A-Za-z0-9_-]',
    holds: ({ deviceSessionId }) => /^[A-Za-z0-9_-]{1,64}$/.test(deviceSessionId),
  },
  {
    field: 'message_type',
    must: 'be 1 to 128 characters of [A-Za-z0-9._-]',
    holds: ({ messageType }) => /^[A-Za-z0-9._-]{1,128}$/.test(messageType),
  },
  {
    field: 'timestamp_ms',
    must: 'fit into 64 bits',
    holds: ({ timestampMs }) => BigInt.asIntN(64, timestampMs) === timestampMs,
  },
  {
    field: 'request_id',
    must: 'be 16 to 64 characters of [A-Za-z0-9_-]',
    holds: ({ requestId }) => /^[A-Za-z0-9_-]{16,64}$/.test(requestId),
  },
  {
    field: 'payload_bytes',
    must: `be 1 to ${maxPayloadBytes} bytes`,
    holds: ({ payloadBytes }) => payloadBytes.length >= 1 && payloadBytes.length <= maxPayloadBytes,
  },
  { field: 'payload_hash', must: 'be 32 bytes', holds: ({ payloadHash }) => payloadHash.length === 32 },
  { field: 'signature', must: 'be 64 bytes', holds: ({ signature }) => signature.length === 64 },
  {
    field: 'trace_id',
    must: 'be empty or a W3C trace id: 32 lower-case hex digits, not all 0',
    holds: ({ traceId }) => traceId === '' || /^(?!0{32})[0-9a-f]{32}$/.test(traceId),
  },
]

/**
 * All fields are there, and of the right sizes and characters.
 * @throws Refusal `invalid_envelope` naming the first that is not
 */
export function checkFields(request: SignedRequest): void {
  const broken = rules.find(({ holds }) => !holds(request))
  if (!broken) return
  const { field, must } = broken
  throw new Refusal('invalid', 'invalid_envelope', `${field} must ${must}.`, { details: { field } })
}
