import { z } from 'zod'
import { externalText } from '../external-text.ts'
import { isObject } from '../json.ts'

/**
 * An API call that failed. `status` is the HTTP status, 0 where no answer came (its outcome is then unknown: the write
 * may have happened). `reason` is the API's own word (https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go,
 * StatusReason), or one of ours: `Unreachable` (no connection, or it broke), `DeadlineExceeded` (no answer in time),
 * `BadAnswer` (it answered something else than the object asked for).
 */
export class KubernetesError extends Error {
  override name = 'KubernetesError'
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, message: string, options?: ErrorOptions) {
    super(externalText(message, { maxLength: 4000, multiline: true }), options)
    this.status = status
    this.reason = externalText(reason, { maxLength: 128 })
  }
}

/** True for a failed API call with this reason. */
export function failedWith(error: unknown, reason: string): boolean {
  return error instanceof KubernetesError && error.reason === reason
}

/** True for 410: the resourceVersion or the continue token is older than what the server remembers. */
export function isGone(error: unknown): boolean {
  return error instanceof KubernetesError && (error.status === 410 || error.reason === 'Expired')
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

const Status = z.object({
  code: z.number().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
})

/** The error that a `Status` object (an HTTP answer's body, or the object of an ERROR event) speaks of. */
export function statusError(httpStatus: number, body: unknown): KubernetesError {
  const { code, reason, message } = Status.safeParse(isObject(body) ? body : {}).data ?? {}
  const status = code ?? httpStatus
  const word = reason || reasons[status] || 'Unknown'
  return new KubernetesError(status, word, message || `the API server answered ${status} ${word}`)
}
