import { type Dispatcher, request } from 'undici'
import { messageOf } from '../errors.ts'
import { parseExactJson } from '../exact-json.ts'
import type { Authorization, KubeConfig } from './config.ts'
import { KubernetesError, statusError } from './errors.ts'

export type ApiCall = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  query?: Readonly<Record<string, string | undefined>>
  body?: unknown
  contentType?: string
  /** Another representation than the plain object: a Table, aggregated discovery. */
  accept?: string
}

/**
 * One call: its answer's JSON.
 * @throws KubernetesError for every other outcome, `DeadlineExceeded` after `deadlineMs`
 */
export async function callApi(config: KubeConfig, call: ApiCall, deadlineMs: number): Promise<unknown> {
  const late = new AbortController()
  const deadline = startDeadline(late, deadlineMs, config.stopping)
  try {
    const { statusCode, body } = await sendTwiceIfSafe(config, call, { signal: late.signal })
    return readAnswer(statusCode, await body.text())
  } catch (error) {
    throw asKubernetesError(error, call, late.signal.aborted ? `no answer within ${deadline.ms()} ms` : undefined)
  } finally {
    deadline.clear()
  }
}

/** How long a call may still take once the process stops. */
const stoppingMs = 2000

/** Aborts `late` after `ms`, or soon after `stopping` fires. */
function startDeadline(late: AbortController, ms: number, stopping: AbortSignal | undefined) {
  let currentMs = stopping?.aborted ? Math.min(ms, stoppingMs) : ms
  let timer = setTimeout(() => late.abort(), currentMs)
  const hurry = () => {
    if (ms <= stoppingMs) return
    clearTimeout(timer)
    currentMs = stoppingMs
    timer = setTimeout(() => late.abort(), currentMs)
  }
  stopping?.addEventListener('abort', hurry, { once: true })
  const clear = () => {
    clearTimeout(timer)
    stopping?.removeEventListener('abort', hurry)
  }
  return { clear, ms: () => currentMs }
}

/**
 * A streamed answer. `connectMs` bounds the time until it begins, `idleMs` the silence within it, `signal` ends it.
 * @throws KubernetesError, also while the stream is read
 */
export async function* streamApi(
  config: KubeConfig,
  call: ApiCall,
  { connectMs, idleMs, signal }: { connectMs: number; idleMs: number; signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const { statusCode, body } = await send(config, call, { signal, headersTimeout: connectMs, bodyTimeout: idleMs })
    if (statusCode !== 200) throw statusError(statusCode, parseJson(await body.text()))
    for await (const chunk of body) if (chunk instanceof Uint8Array) yield chunk
  } catch (error) {
    throw asKubernetesError(error, call)
  }
}

type SendOptions = { signal: AbortSignal; headersTimeout?: number; bodyTimeout?: number }

/** A kept connection may have been closed by the server just when it is used again: reading once more does no harm. */
async function sendTwiceIfSafe(config: KubeConfig, call: ApiCall, options: SendOptions) {
  try {
    return await send(config, call, options)
  } catch (error) {
    if (call.method !== 'GET' || options.signal.aborted || !isBrokenConnection(error)) throw error
    return await send(config, call, options)
  }
}

/** A token may be rotated before it has run out: who is not known is asked once more, with new credentials. */
async function send(config: KubeConfig, call: ApiCall, options: SendOptions): Promise<Dispatcher.ResponseData> {
  const authorization = await unlessAborted(config.authorize(), options.signal)
  const response = await sendAs(authorization, config, call, options)
  if (response.statusCode !== 401 || !authorization.refused()) return response
  await response.body.dump()
  return sendAs(await unlessAborted(config.authorize(), options.signal), config, call, options)
}

function sendAs(
  { headers, dispatcher }: Authorization,
  config: KubeConfig,
  call: ApiCall,
  options: SendOptions,
): Promise<Dispatcher.ResponseData> {
  return request(callUrl(config, call), {
    ...options,
    dispatcher,
    method: call.method,
    headers: {
      ...headers,
      accept: call.accept ?? 'application/json',
      'user-agent': 'galaxy',
      ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
    },
    body: call.body === undefined ? null : JSON.stringify(call.body),
  })
}

function callUrl(config: KubeConfig, { path, query = {} }: ApiCall): URL {
  const url = new URL(`${config.server}${path}`)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
  return url
}

/** Credentials may come from a program or a token service, which may hang: neither takes a signal. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function readAnswer(status: number, text: string): unknown {
  const body = parseJson(text)
  if (status < 200 || status > 299) throw statusError(status, body)
  if (body === undefined)
    throw new KubernetesError(status, 'BadAnswer', 'the API server answered something else than JSON')
  return body
}

function parseJson(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch {
    return undefined
  }
}

function asKubernetesError(error: unknown, { method, path }: ApiCall, late?: string): KubernetesError {
  if (error instanceof KubernetesError) return error
  if (late !== undefined)
    return new KubernetesError(0, 'DeadlineExceeded', `${method} ${path}: ${late}`, { cause: error })
  const said = messageOf(error) || codeOf(error) || 'connection failed'
  return new KubernetesError(0, 'Unreachable', `${method} ${path}: ${said}`, { cause: error })
}

function isBrokenConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error) ?? '')
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
