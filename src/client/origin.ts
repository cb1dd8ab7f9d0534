import { Code } from '@connectrpc/connect'
import { z } from 'zod'
import { GatewayRefused } from './errors.ts'

type Probe = (url: string, init: { mode: 'cors' | 'no-cors'; signal: AbortSignal }) => Promise<unknown>

const timeoutMs = 5000
const Page = z.object({ origin: z.string().regex(/^https?:/) })

/**
 * Why a request of a page in a browser has failed, as far as a page may know: browsers do not tell a script whether a
 * server is away or does not let the page's origin read its answers. A server that answers what is not read, and nothing
 * that is, refuses the origin. Undefined outside of browsers, and for a server that is away.
 */
export async function originRefusal(
  url: string,
  cause: unknown,
  { page = Reflect.get(globalThis, 'location'), probe = globalThis.fetch }: { page?: unknown; probe?: Probe } = {},
): Promise<GatewayRefused | undefined> {
  const { data } = Page.safeParse(page)
  if (!data) return undefined
  const answers = async (mode: 'cors' | 'no-cors') =>
    probe(url, { mode, signal: AbortSignal.timeout(timeoutMs) }).then(
      () => true,
      () => false,
    )
  // In this order: one that comes back just now is away for the first question, or well for the second.
  if (!(await answers('no-cors')) || (await answers('cors'))) return undefined
  return new GatewayRefused(
    `the gateway at ${url} answers, but not to pages of ${data.origin}: its operator lets them in with GATEWAY_CORS_ALLOWED_ORIGINS`,
    { code: 'origin_refused', connectCode: Code.PermissionDenied },
    { cause },
  )
}
