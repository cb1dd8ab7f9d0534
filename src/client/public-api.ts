import { Code } from '@connectrpc/connect'
import { z } from 'zod'
import { CommandRefused, GatewayRefused } from './errors.ts'
import { originRefusal } from './origin.ts'

/** The part of `fetch` that is used. */
export type Fetch = (
  url: string,
  init: {
    method: string
    headers?: Record<string, string>
    body?: string
    signal?: AbortSignal
    redirect?: 'error'
  },
) => Promise<{ status: number; text: () => Promise<string> }>

export type PublicApi = ReturnType<typeof createPublicApi>

const Problem = z.looseObject({ code: z.string(), detail: z.string().default(''), status: z.number().optional() })

const timeoutMs = 15_000

/**
 * The gateway's public HTTP interface.
 * @throws CommandRefused when it answers with a problem, GatewayRefused `unreachable` when it does not answer sensibly, or
 * `origin_refused` in a page that it lets read nothing
 */
export function createPublicApi({ publicUrl, fetch }: { publicUrl: string; fetch: Fetch }) {
  return {
    get: <T extends z.ZodType>(path: string, schema: T) => call(path, { method: 'GET' }, schema),
    post: <T extends z.ZodType>(path: string, body: object, schema: T) =>
      call(
        path,
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
        schema,
      ),
  }

  async function call<T extends z.ZodType>(path: string, init: Parameters<Fetch>[1], schema: T): Promise<z.output<T>> {
    const { status, json } = await answerTo(path, init)
    const answer = schema.safeParse(json)
    if (status === 200 && answer.success) return answer.data
    const problem = Problem.safeParse(json)
    if (status >= 400 && problem.success) throw new CommandRefused(problem.data)
    throw unreachable(`${path} answered with status ${status} and nothing that makes sense`)
  }

  async function answerTo(path: string, init: Parameters<Fetch>[1]) {
    try {
      const url = `${publicUrl.replace(/\/+$/, '')}/api/v1/public${path}`
      const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
      return { status: response.status, json: jsonOrNothing(await response.text()) }
    } catch (cause) {
      throw (
        (await originRefusal(publicUrl, cause)) ?? unreachable(`the gateway cannot be reached at ${publicUrl}`, cause)
      )
    }
  }
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unreachable(message: string, cause?: unknown) {
  return new GatewayRefused(message, { code: 'unreachable', connectCode: Code.Unavailable }, { cause })
}
