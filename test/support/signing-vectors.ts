import { readFileSync } from 'node:fs'
import { z } from 'zod'

const hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .transform((text) => new Uint8Array(Buffer.from(text, 'hex')))
const moment = z.string().transform(BigInt)
const signed = { name: z.string(), signing_input: hex, signature: hex }

const Vectors = z.object({
  keys: z.object({
    device: z.object({ seed: hex, public_key: hex }),
    gateway: z.object({ seed: hex, public_key: hex, key_id: z.string() }),
  }),
  requests: z.array(
    z.object({
      ...signed,
      audience: z.string(),
      procedure: z.string(),
      protocol_version: z.string(),
      device_session_id: z.string(),
      request_id: z.string(),
      message_type: z.string(),
      timestamp_ms: moment,
      payload: z.string(),
      payload_hash: hex,
    }),
  ),
  responses: z.array(
    z.object({
      ...signed,
      key_id: z.string(),
      request_id: z.string(),
      request_hash: hex,
      timestamp_ms: moment,
      result_code: z.string(),
      payload: z.string(),
      payload_hash: hex,
    }),
  ),
  events: z.array(
    z.object({
      ...signed,
      key_id: z.string(),
      event_type: z.string(),
      event_id: z.string(),
      timestamp_ms: moment,
      payload: z.string(),
      payload_hash: hex,
    }),
  ),
  confirmations: z.array(
    z.object({
      ...signed,
      audience: z.string(),
      challenge_id: z.string(),
      code: z.string(),
      code_hash: hex,
      client_public_key: hex,
    }),
  ),
})

/** `proto/testdata/signing.json`: what every implementation of the signing inputs must come to. */
export const signingVectors = Vectors.parse(
  JSON.parse(readFileSync(new URL('../../proto/testdata/signing.json', import.meta.url), 'utf8')),
)
