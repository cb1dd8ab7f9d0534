import { z } from 'zod'
import { Refusal } from '../../platform/errors.ts'
import { problem } from '../../platform/wire.ts'
import type { BackendAnswer } from '../backend/index.ts'

/** `ok` and what the backend says, or a problem's code and the problem. */
export type Answer = { resultCode: string; payload: Uint8Array }

const utf8 = new TextEncoder()

/** One of our own problem documents. `internal` is a bug over there, and `ok` would be taken for success. */
const BusinessProblem = z.looseObject({
  status: z.int(),
  code: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,63}$/)
    .refine((code) => code !== 'internal' && code !== 'ok'),
})

/**
 * What the backend's answer is to the client. Success and every refusal by the platform's rules (4xx, and 5xx such as
 * `engine_not_ready`) are answers, passed on byte for byte and signed; what is neither is the platform's own failure.
 * @throws Refusal `backend_unavailable`, `upstream_invalid`
 */
export function answerOf({ status, json, text }: BackendAnswer): Answer {
  if (status >= 200 && status <= 299) return { resultCode: 'ok', payload: utf8.encode(text || '{}') }
  const said = BusinessProblem.safeParse(json)
  if (said.success && status >= 400) return { resultCode: said.data.code, payload: utf8.encode(text) }
  if (status >= 502 && status <= 504) {
    throw new Refusal('unavailable', 'backend_unavailable', 'The platform cannot be reached at the moment.')
  }
  const cause = new Error(`the backend answered with status ${status} and no problem of ours`)
  throw new Refusal('upstream', 'upstream_invalid', 'Something went wrong in the platform.', {
    cause,
  })
}

/** A refusal that is found here and is the same as if the backend had found it. */
export function refusedHere(refusal: Refusal): Answer {
  const { httpStatus, reason, message, details } = refusal
  return { resultCode: reason, payload: utf8.encode(JSON.stringify(problem(httpStatus, reason, message, details))) }
}
