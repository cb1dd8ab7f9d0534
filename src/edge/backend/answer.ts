import type { Dispatcher } from 'undici'
import { Refusal } from '../../platform/errors.ts'
import type { z } from 'zod'
import { type BackendAnswer, BackendProblem } from './model.ts'

const maxAnswerBytes = 1_048_576
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads an answer whole.
 * @throws Refusal `upstream_invalid` when it is no JSON in UTF-8, redirects or is larger than 1 MiB,
 * `backend_unavailable` when something between here and the backend says that the backend is away
 */
export async function readAnswer({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<BackendAnswer> {
  const bytes = await readBytes(body)
  if (statusCode >= 300 && statusCode <= 399) throw invalidAnswer('it redirects')
  if (bytes.length === 0 && statusCode < 300) return { status: statusCode, json: undefined, text: '' }
  if (!/^application\/(problem\+)?json\s*(;|$)/i.test(String(headers['content-type'] ?? ''))) {
    if (statusCode >= 502 && statusCode <= 504) throw unavailable()
    throw invalidAnswer('it is no JSON')
  }
  const retryAfter = readRetryAfter(headers['retry-after'])
  return { status: statusCode, ...parse(bytes), ...(retryAfter !== undefined && { retryAfter }) }
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function readRetryAfter(given: string | string[] | undefined): string | undefined {
  if (typeof given !== 'string' || given.length > 40) return undefined
  return /^\d{1,9}$/.test(given) || /^[A-Z][a-z]{2}, [\w :]+ GMT$/.test(given) ? given : undefined
}

/** What an answer of the backend is: a success as `result` describes it, or a problem document of ours. */
export type ReadAnswer<T> = { result: T } | { problem: BackendProblem }

/**
 * Reads an answer by its format.
 * @throws Refusal `upstream_invalid` when it has neither form, `backend_unavailable` when something between here and the
 * backend says that the backend is away
 */
export function readFormat<T>({ status, json }: BackendAnswer, result: z.ZodType<T>): ReadAnswer<T> {
  if (status >= 200 && status <= 299) {
    const success = result.safeParse(json)
    if (success.success) return { result: success.data }
    throw invalidAnswer(`status ${status} with another body than expected`, success.error)
  }
  const refused = BackendProblem.safeParse(json)
  if (refused.success && refused.data.status === status) return { problem: refused.data }
  if (status >= 502 && status <= 504) throw unavailable()
  throw invalidAnswer(`status ${status} and no problem of ours`, refused.error)
}

async function readBytes(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('the body of an answer comes in buffers')
    size += chunk.length
    if (size > maxAnswerBytes) throw invalidAnswer(`it is larger than ${maxAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  const [only] = chunks
  return only && chunks.length === 1 ? only : Buffer.concat(chunks)
}

function parse(bytes: Uint8Array): { json: unknown; text: string } {
  try {
    const text = utf8.decode(bytes)
    return { json: JSON.parse(text), text }
  } catch (cause) {
    throw invalidAnswer('it is no JSON', cause)
  }
}

/** The backend is there and misbehaves. Callers learn nothing more; the cause is for the log. */
export function invalidAnswer(why: string, cause?: unknown): Refusal {
  return new Refusal('upstream', 'upstream_invalid', 'The platform gave an answer that makes no sense here.', {
    cause: new Error(`the backend's answer: ${why}`, { cause }),
  })
}

export function unavailable(cause?: unknown): Refusal {
  return new Refusal('unavailable', 'backend_unavailable', 'The platform cannot be reached at the moment.', { cause })
}
