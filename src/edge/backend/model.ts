import { z } from 'zod'

/** A device session as the backend knows it. */
export const SessionRecord = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  status: z.enum(['active', 'revoked']),
  /** The device's raw Ed25519 key in standard base64. */
  public_key: z.base64(),
})
export type SessionRecord = z.infer<typeof SessionRecord>

export type BackendCall = {
  method: 'GET' | 'POST' | 'PATCH'
  /** From the root, with its query: `/api/v1/user/account`. */
  path: string
  /** Sent as JSON. */
  body?: unknown
  headers?: Readonly<Record<string, string>>
  /** 32 hex digits; a new one when absent. */
  traceId?: string
  signal: AbortSignal
  /** Instead of the client's own. */
  timeoutMs?: number
}

/**
 * `json` is what `text` says; without a body they are `undefined` and `''`. `retryAfter` is the header `Retry-After`, if
 * it is well-formed.
 */
export type BackendAnswer = { status: number; json: unknown; text: string; retryAfter?: string }

/** One of our own problem documents. `internal` is a bug over there, and `ok` would be taken for success. */
export const BackendProblem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  code: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,63}$/)
    .refine((code) => code !== 'internal' && code !== 'ok'),
  detail: z.string(),
})
export type BackendProblem = z.infer<typeof BackendProblem>

export type BackendClient = {
  call: (call: BackendCall) => Promise<BackendAnswer>
  session: (id: string, signal: AbortSignal, traceId?: string) => Promise<SessionRecord | undefined>
}
