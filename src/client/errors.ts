import { Code } from '@connectrpc/connect'

/** A problem document (RFC 9457) as the platform sends it: `code` is stable, `detail` is for people. */
export type Problem = { code: string; detail: string; status?: number | undefined; [member: string]: unknown }

/** The platform's rules refused a command, or the request of a sign-in. The gateway itself is well. */
export class CommandRefused extends Error {
  override name = 'CommandRefused'
  readonly code: string
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail || problem.code)
    this.code = problem.code
    this.problem = problem
  }
}

type GatewayRefusal = {
  /** The stable code, such as `replayed_request`; `unreachable` when the gateway has not answered at all, `origin_refused` when it answers but not to this page. */
  code: string
  connectCode: Code
  serverTimeMs?: number | undefined
  retryAfterMs?: number | undefined
}

/** The gateway refused a request, or cannot be reached. */
export class GatewayRefused extends Error {
  override name = 'GatewayRefused'
  readonly code: string
  readonly connectCode: Code
  readonly serverTimeMs: number | undefined
  readonly retryAfterMs: number | undefined

  constructor(message: string, refusal: GatewayRefusal, options?: ErrorOptions) {
    super(message, options)
    this.code = refusal.code
    this.connectCode = refusal.connectCode
    this.serverTimeMs = refusal.serverTimeMs
    this.retryAfterMs = refusal.retryAfterMs
  }
}

/** This device is not signed in, or not any more: `code` is `not_signed_in`, `session_revoked` or `unknown_session`. */
export class SignedOut extends GatewayRefused {
  override name = 'SignedOut'

  constructor(code: string, options?: ErrorOptions) {
    super('This device is signed out.', { code, connectCode: Code.Unauthenticated }, options)
  }
}

/** What arrived was not signed by the gateway for this request. It has been thrown away. */
export class GatewayUntrusted extends Error {
  override name = 'GatewayUntrusted'
}
