import type Docker from 'dockerode'
import { messageOf } from '../../../platform/errors.ts'
import { isObject } from '../../../platform/json.ts'
import { HostError, type HostFailure } from '../port.ts'

export type Daemon = Docker

/** Opens nothing yet: a daemon that is away now may be there at the first call. */
export async function connectDaemon(socket: string): Promise<Daemon> {
  // Loaded here, because it is large and most processes run no containers.
  const { default: Client } = await import('dockerode')
  return new Client({ socketPath: socket })
}

const callMs = 30_000

/**
 * Calls the daemon, for at most so long. An answer that breaks off in the middle settles nothing in the client, so the
 * time is measured here.
 * @throws HostError `failure` in the daemon's words, HostUnavailable when it cannot be reached or does not answer in time
 */
export async function call<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { failure = 'HostUnavailable', timeoutMs = callMs }: { failure?: HostFailure; timeoutMs?: number } = {},
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const stop = new AbortController()
  const timer = setTimeout(() => {
    late.reject(new HostError('HostUnavailable', `the Docker daemon does not answer within ${timeoutMs} ms`))
    stop.abort()
  }, timeoutMs)
  try {
    return await Promise.race([work(stop.signal), late.promise])
  } catch (error) {
    throw hostError(error, failure)
  } finally {
    clearTimeout(timer)
  }
}

/** The same; undefined when the daemon says that what is asked for is not there, or is so already. */
export async function callUnless<T>(
  statuses: readonly number[],
  work: (signal: AbortSignal) => Promise<T>,
  options?: Parameters<typeof call>[1],
): Promise<T | undefined> {
  try {
    return await call(work, options)
  } catch (error) {
    const status = statusOf(error)
    if (status !== undefined && statuses.includes(status)) return undefined
    throw error
  }
}

/** Anything that a call threw, for the port. Only what the daemon itself has answered is a failure of its own kind. */
export function hostError(error: unknown, failure: HostFailure): HostError {
  if (error instanceof HostError) return error
  if (statusOf(error) === undefined) {
    return new HostError('HostUnavailable', `the Docker daemon cannot be used: ${messageOf(error)}`, {
      cause: error,
    })
  }
  return new HostError(failure, wordsOf(error), { cause: error })
}

/** The HTTP status that the daemon answered; undefined when it answered nothing. */
export function statusOf(error: unknown): number | undefined {
  const cause = error instanceof HostError ? error.cause : error
  return isObject(cause) && typeof cause['statusCode'] === 'number' ? cause['statusCode'] : undefined
}

/** What the daemon said, without what the client puts around it. */
function wordsOf(error: unknown): string {
  const answer = isObject(error) ? error['json'] : undefined
  const said = isObject(answer) ? answer['message'] : undefined
  return typeof said === 'string' ? said : messageOf(error).replace(/^\(HTTP code \d+\) .*? - /, '')
}
