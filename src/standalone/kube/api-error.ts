import type { JsonObject } from '../../platform/json.ts'

/** One field at fault, as `Status.details.causes` lists it. */
export type StatusCause = { reason: string; message: string; field: string }

/** What a resource is called in messages and in `details`. */
export type Subject = { group: string; plural: string; kind: string }

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export type Status = {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: JsonObject
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: JsonObject
  code?: number
}

/** A refusal a client of the API sees, as the `Status` object it is answered with. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly code: number
  readonly reason: string
  readonly details: JsonObject | undefined
  readonly metadata: JsonObject

  constructor(
    { code, reason, message }: { code: number; reason: string; message: string },
    details?: JsonObject,
    metadata: JsonObject = {},
  ) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
    this.metadata = metadata
  }

  get status(): Status {
    const { message, reason, details, code, metadata } = this
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata,
      status: 'Failure',
      message,
      ...(reason ? { reason } : {}),
      ...(details ? { details } : {}),
      code,
    }
  }
}

function qualified(name: string, group: string): string {
  return group ? `${name}.${group}` : name
}

function about({ group, plural }: Subject, name: string, more: JsonObject = {}): JsonObject {
  return { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: plural, ...more }
}

/** `games.galaxy.dev "x" not found`. */
export function notFound(subject: Subject, name: string): ApiError {
  const message = `${qualified(subject.plural, subject.group)} "${name}" not found`
  return new ApiError({ code: 404, reason: 'NotFound', message }, about(subject, name))
}

/** A path under which no resource is served. */
export function noSuchResource(): ApiError {
  const message = 'the server could not find the requested resource'
  return new ApiError({ code: 404, reason: 'NotFound', message }, {})
}

export function alreadyExists(subject: Subject, name: string): ApiError {
  const message = `${qualified(subject.plural, subject.group)} "${name}" already exists`
  return new ApiError({ code: 409, reason: 'AlreadyExists', message }, about(subject, name))
}

const modified = 'the object has been modified; please apply your changes to the latest version and try again'

/** 409 for a stale resourceVersion or a failed precondition. */
export function conflict(subject: Subject, name: string, why: string = modified): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(subject.plural, subject.group)} "${name}": ${why}`
  return new ApiError({ code: 409, reason: 'Conflict', message }, about(subject, name))
}

export function forbidden(subject: Subject, name: string, why: string, causes: readonly StatusCause[] = []): ApiError {
  const message = `${qualified(subject.plural, subject.group)} "${name}" is forbidden: ${why}`
  const more = causes.length > 0 ? { causes } : {}
  return new ApiError({ code: 403, reason: 'Forbidden', message }, about(subject, name, more))
}

/** 422 that lists every field at fault; `by` overrides the name of what is invalid. */
export function invalid(subject: Subject, name: string, causes: readonly StatusCause[], by?: string): ApiError {
  const said = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))]
  const list = said.length === 1 ? said[0] : `[${said.join(', ')}]`
  const what = by ?? qualified(subject.kind, subject.group)
  const details = {
    ...(name ? { name } : {}),
    ...(subject.group ? { group: subject.group } : {}),
    kind: subject.kind,
    causes,
  }
  return new ApiError({ code: 422, reason: 'Invalid', message: `${what} "${name}" is invalid: ${list}` }, details)
}

export function badRequest(message: string): ApiError {
  return new ApiError({ code: 400, reason: 'BadRequest', message })
}

export function unauthorized(): ApiError {
  return new ApiError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' })
}

export function methodNotAllowed(): ApiError {
  const message = 'the server does not allow this method on the requested resource'
  return new ApiError({ code: 405, reason: 'MethodNotAllowed', message }, {})
}

export function notAcceptable(accepted: readonly string[]): ApiError {
  const message = `only the following media types are accepted: ${accepted.join(', ')}`
  return new ApiError({ code: 406, reason: 'NotAcceptable', message })
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`
  return new ApiError({ code: 415, reason: 'UnsupportedMediaType', message })
}

/** 410: the version asked for is older than the log. */
export function expired(message: string): ApiError {
  return new ApiError({ code: 410, reason: 'Expired', message })
}

export function tooLarge(message: string): ApiError {
  return new ApiError({ code: 413, reason: 'RequestEntityTooLarge', message })
}

/** 503: the database is away, or this server is on its way out; the client may repeat the request. */
export function unavailable(message: string): ApiError {
  return new ApiError({ code: 503, reason: 'ServiceUnavailable', message }, { retryAfterSeconds: 1 })
}

export function internalError(): ApiError {
  const message = 'Internal error occurred: something went wrong here; it has been logged'
  return new ApiError({ code: 500, reason: 'InternalError', message })
}

/** 504: the version asked for has not been written yet. */
export function tooLargeResourceVersion(asked: number, current: number): ApiError {
  const message = `Too large resource version: ${asked}, current: ${current}`
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  return new ApiError(
    { code: 504, reason: 'Timeout', message: `Timeout: ${message}` },
    { causes, retryAfterSeconds: 1 },
  )
}
