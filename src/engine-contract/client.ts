import { z } from 'zod'
import type { Dispatcher } from 'undici'
import { messageOf } from '../platform/errors.ts'
import { EngineProblem, EngineStatus, epochHeader, Healthz, type InitRequest } from './model.ts'

/** Why a call to an engine failed. */
export type EngineFailure =
  /** No connection, or no answer in time. */
  | 'unreachable'
  /** An answer that is not what the contract says. */
  | 'nonsense'
  /** The engine refused: `code` and `status` say why. */
  | 'refused'

export class EngineError extends Error {
  override name = 'EngineError'
  readonly failure: EngineFailure
  readonly status: number | undefined
  readonly code: string | undefined

  constructor(failure: EngineFailure, message: string, answer: { status?: number; code?: string | undefined } = {}) {
    super(message)
    this.failure = failure
    this.status = answer.status
    this.code = answer.code
  }
}

export type EngineAddress = { endpoint: string; epoch: number }
export type EngineCallOptions = { timeoutMs: number; signal?: AbortSignal | undefined }

export type EngineClient = ReturnType<typeof createEngineClient>

/** An answer larger than this is nonsense: an engine must not be able to exhaust the platform's memory. */
const maxAnswerBytes = 1_048_576

/**
 * Calls one engine's administration routes. Every function throws EngineError. The contract leaves open what a write
 * answers, so whoever wants to know the state after one asks for `status`.
 */
export function createEngineClient({ dispatcher }: { dispatcher: Dispatcher }) {
  return {
    healthz: (engine: EngineAddress, options: EngineCallOptions) => call(engine, 'GET', '/healthz', Healthz, options),
    status: (engine: EngineAddress, options: EngineCallOptions) =>
      call(engine, 'GET', '/admin/status', EngineStatus, options),
    init: (engine: EngineAddress, body: InitRequest, options: EngineCallOptions) =>
      call(engine, 'POST', '/admin/init', z.unknown(), options, body),
    turn: (engine: EngineAddress, turn: number, options: EngineCallOptions) =>
      call(engine, 'PUT', '/admin/turn', z.unknown(), options, { turn }),
    banish: (engine: EngineAddress, raceName: string, options: EngineCallOptions) =>
      call(engine, 'POST', '/admin/banish', z.unknown(), options, { raceName }),
  }

  async function call<T extends z.ZodType>(
    engine: EngineAddress,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    schema: T,
    { timeoutMs, signal }: EngineCallOptions,
    body?: unknown,
  ): Promise<z.output<T>> {
    const deadline = AbortSignal.timeout(timeoutMs)
    const answer = await send(engine, method, path, body, signal ? AbortSignal.any([deadline, signal]) : deadline)
    if (answer.status >= 400) throw refusal(method, path, answer)
    const parsed = schema.safeParse(answer.json)
    if (parsed.success && answer.status < 300) return parsed.data
    const why = parsed.success ? `status ${answer.status}` : z.prettifyError(parsed.error).replaceAll('\n', ' ')
    throw new EngineError('nonsense', `${method} ${path} answered what the contract does not know: ${why}`)
  }

  async function send(
    engine: EngineAddress,
    method: Dispatcher.HttpMethod,
    path: string,
    body: unknown,
    signal: AbortSignal,
  ) {
    try {
      const response = await dispatcher.request({
        origin: engine.endpoint,
        path,
        method,
        signal,
        headers: {
          [epochHeader]: String(engine.epoch),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      })
      return { status: response.statusCode, json: parseJson(await readLimited(response.body)) }
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusal(method: string, path: string, { status, json }: { status: number; json: unknown }): EngineError {
  const problem = EngineProblem.safeParse(json).data
  const said = problem?.detail ?? problem?.code ?? 'no reason given'
  return new EngineError('refused', `${method} ${path} answered ${status}: ${said}`, { status, code: problem?.code })
}
