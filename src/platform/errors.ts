import type { Code } from '@connectrpc/connect'

/** How Connect names what happened. Only the name: what never speaks Connect, such as an engine, does not load it. */
type ConnectCode = keyof typeof Code

/** Every way a request can be refused, and how each wire says it. */
const kinds = {
  invalid: { http: 400, connect: 'InvalidArgument' },
  unauthenticated: { http: 401, connect: 'Unauthenticated' },
  forbidden: { http: 403, connect: 'PermissionDenied' },
  missing: { http: 404, connect: 'NotFound' },
  conflict: { http: 409, connect: 'AlreadyExists' },
  precondition: { http: 412, connect: 'FailedPrecondition' },
  too_large: { http: 413, connect: 'ResourceExhausted' },
  unsupported: { http: 415, connect: 'InvalidArgument' },
  unprocessable: { http: 422, connect: 'InvalidArgument' },
  throttled: { http: 429, connect: 'ResourceExhausted' },
  unimplemented: { http: 501, connect: 'Unimplemented' },
  upstream: { http: 502, connect: 'Internal' },
  unavailable: { http: 503, connect: 'Unavailable' },
  late: { http: 504, connect: 'DeadlineExceeded' },
} as const satisfies Record<string, { http: number; connect: ConnectCode }>

export type RefusalKind = keyof typeof kinds

/**
 * A refusal a caller may see. `reason` is a stable machine-readable word that clients branch on; the message is for
 * people and may change; `details` are further members of the problem document (RFC 9457, section 3.2).
 * Any other error is a bug: it is logged whole and answered as a bare internal error.
 */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly kind: RefusalKind
  readonly reason: string
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    kind: RefusalKind,
    reason: string,
    message: string,
    { details = {}, ...options }: ErrorOptions & { details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options)
    this.kind = kind
    this.reason = reason
    this.details = details
  }

  get httpStatus(): number {
    return kinds[this.kind].http
  }

  get connectCode(): ConnectCode {
    return kinds[this.kind].connect
  }
}

/** A start that cannot go on: the message is one clear line per problem, printed without a stack; exit code 1. */
export class StartupError extends Error {
  override name = 'StartupError'
}

/** What to print of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The code of a system error, such as ENOENT; undefined for any other. */
export function systemErrorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
