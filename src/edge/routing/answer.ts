import type { z } from 'zod'
import type { Refusal } from '../../platform/errors.ts'
import { problem } from '../../platform/wire.ts'
import { type BackendAnswer, readFormat } from '../backend/index.ts'

/** `ok` and what the backend says, or a problem's code and the problem. */
export type Answer = { resultCode: string; payload: Uint8Array }

const utf8 = new TextEncoder()

/**
 * What the backend's answer is to the client. Success and every refusal by the platform's rules (4xx, and 5xx such as
 * `engine_not_ready`) are answers, passed on byte for byte and signed; what is neither is the platform's own failure.
 * @throws Refusal `backend_unavailable`, `upstream_invalid`
 */
export function answerOf(answer: BackendAnswer, result: z.ZodType): Answer {
  const read = readFormat(answer, result)
  return { resultCode: 'problem' in read ? read.problem.code : 'ok', payload: utf8.encode(answer.text) }
}

/** A refusal that is found here and is the same as if the backend had found it. */
export function refusedHere(refusal: Refusal): Answer {
  const { httpStatus, reason, message, details } = refusal
  return { resultCode: reason, payload: utf8.encode(JSON.stringify(problem(httpStatus, reason, message, details))) }
}
