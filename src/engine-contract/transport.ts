import { z } from 'zod'
import type { Dispatcher } from 'undici'
import { messageOf } from '../platform/errors.ts'
import { parseExactJson } from '../platform/exact-json.ts'
import { externalText, isDeeperThan } from '../platform/external-text.ts'
import { inSpan } from '../platform/telemetry/index.ts'
import { EngineProblem, epochHeader, gameHeader } from './model.ts'

/** Why a call to an engine failed. */
export type EngineFailure =
  /** No connection, or no answer in time. */
  | 'unreachable'
  /** An answer that is not what the contract says. */
  | 'nonsense'
  /** The engine refused: `refusal` says why. */
  | 'refused'

/** What a refusing engine answered. */
export type EngineRefusal = {
  status: number
  /** The engine's stable word for the reason. */
  code: string | undefined
  detail: string | undefined
  /** What is wrong with each part of what was sent: of orders, an entry for each wrong one. */
  errors: readonly unknown[] | undefined
}

export class EngineError extends Error {
  override name = 'EngineError'
  readonly failure: EngineFailure
  readonly refusal: EngineRefusal | undefined

  constructor(failure: EngineFailure, message: string, refusal?: EngineRefusal) {
    super(externalText(message))
    this.failure = failure
    this.refusal = refusal
  }
}

/** Where an engine listens, and whom it must be to be meant: `gameId` as it was sent to it with `init`. */
export type EngineAddress = { endpoint: string; epoch: number; gameId: string }
export type EngineCallOptions = { timeoutMs: number; signal?: AbortSignal | undefined }
export type EngineRequest<T extends z.ZodType> = {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  body?: unknown
  /** What the answer must be; anything else is nonsense. */
  answer: T
}

/** An answer larger than this is nonsense: an engine must not be able to exhaust the platform's memory. */
const maxAnswerBytes = 1_048_576

/**
 * One way to call engines for everybody who does: every call carries the epoch of the engine and the game that it is
 * meant for, and fails with an EngineError only.
 */
export function createEngineTransport(dispatcher: Dispatcher) {
  return function call<T extends z.ZodType>(
    engine: EngineAddress,
    request: EngineRequest<T>,
    options: EngineCallOptions,
  ): Promise<z.output<T>> {
    // Asked many times while an engine starts: that would be all there is to see.
    if (request.path === '/healthz') return exchange(engine, request, options)
    // Without the query: it names the player's race.
    const name = `engine ${request.method} ${request.path.split('?')[0]}`
    return inSpan(name, { kind: 'client' }, () => exchange(engine, request, options))
  }

  async function exchange<T extends z.ZodType>(
    engine: EngineAddress,
    request: EngineRequest<T>,
    { timeoutMs, signal }: EngineCallOptions,
  ): Promise<z.output<T>> {
    const deadline = AbortSignal.timeout(timeoutMs)
    const answer = await send(engine, request, signal ? AbortSignal.any([deadline, signal]) : deadline)
    const said = `${request.method} ${request.path}`
    if (answer.status >= 400) throw refused(said, answer)
    const parsed = readAnswer(request.answer, answer)
    if (parsed.success && answer.status < 300) return parsed.data
    const why = parsed.success ? `status ${answer.status}` : z.prettifyError(parsed.error).replaceAll('\n', ' ')
    throw new EngineError('nonsense', `${said} answered what the contract does not know: ${why}`)
  }

  async function send(engine: EngineAddress, { method, path, body }: EngineRequest<z.ZodType>, signal: AbortSignal) {
    try {
      const response = await dispatcher.request({
        origin: engine.endpoint,
        path,
        method,
        signal,
        headers: {
          [epochHeader]: String(engine.epoch),
          [gameHeader]: engine.gameId,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      })
      const text = await readLimited(response.body)
      return { status: response.statusCode, text, json: parseJson(text, parseExactJson) }
    } catch (error) {
      if (error instanceof EngineError) throw error
      throw new EngineError('unreachable', `${method} ${path}: ${messageOf(error)}`)
    }
  }
}

async function readLimited(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > maxAnswerBytes) throw new EngineError('nonsense', `answered more than ${maxAnswerBytes} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

type Answer = { text: string; json: unknown }

/** What is opaque keeps all digits of its numbers. A number of the contract's own may have more than it needs. */
function readAnswer<T extends z.ZodType>(schema: T, { json, text }: Answer): z.ZodSafeParseResult<z.output<T>> {
  const exact = schema.safeParse(json)
  return exact.success ? exact : schema.safeParse(parseJson(text, JSON.parse))
}

/** Undefined for what is no JSON, and for what is nested so deep that serialising it again would overflow the stack. */
function parseJson(text: string, parse: (text: string) => unknown): unknown {
  try {
    const value = parse(text)
    return isDeeperThan(value) ? undefined : value
  } catch {
    return undefined
  }
}

function refused(call: string, { status, json }: { status: number; json: unknown }): EngineError {
  const { code, detail, errors } = EngineProblem.safeParse(json).data ?? {}
  const said = detail ?? code ?? 'no reason given'
  return new EngineError('refused', `${call} answered ${status}: ${said}`, { status, code, detail, errors })
}
