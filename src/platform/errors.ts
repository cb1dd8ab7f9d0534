/** Every way a request can be refused, and the HTTP status that says it. The Connect codes join with the first RPC. */
const kinds = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  stale: 412,
  unprocessable: 422,
  throttled: 429,
  unavailable: 503,
} as const satisfies Record<string, number>

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
    return kinds[this.kind]
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
