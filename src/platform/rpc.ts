import { create } from '@bufbuild/protobuf'
import { Code, ConnectError, type HandlerContext, type Interceptor } from '@connectrpc/connect'
import { ErrorInfoSchema, RetryInfoSchema } from '../gen/google/rpc/error_details_pb.ts'
import { Refusal, systemErrorCode } from './errors.ts'

/**
 * For the Connect router: the one place where refusals become Connect errors, each with `google.rpc.ErrorInfo` (`reason`
 * is the refusal's, `metadata` its details), and with `google.rpc.RetryInfo` where the details have `retry_after_ms`. Anything that is no Connect error either is a bug: `onBug` is told, and the
 * answer is a bare internal error.
 */
export function answerConnectErrors({
  domain,
  onBug,
}: {
  domain: string
  onBug: (error: unknown) => void
}): Interceptor {
  const translateFor = (signal: AbortSignal) => (error: unknown) => {
    if (error instanceof Refusal) return asConnectError(error, domain)
    if (error instanceof ConnectError) return error
    if (signal.aborted && isClientGone(error)) return canceled(error)
    onBug(error)
    return new ConnectError('internal error', Code.Internal, undefined, [infoDetail('internal', domain)])
  }
  return (next) => async (request) => {
    const translate = translateFor(request.signal)
    try {
      const response = await next(request)
      // A stream fails while it is read, after `next` has returned.
      return response.stream ? { ...response, message: translated(response.message, translate) } : response
    } catch (error) {
      throw translate(error)
    }
  }
}

/**
 * For the listener's gate: gives `google.rpc.ErrorInfo` to the errors that connect-es makes itself of what no interceptor
 * gets to see, such as a message that cannot be read. It aborts the call with such an error right before it writes it,
 * which is the one moment at which the error can be had.
 */
export function explainOwnErrors(domain: string): (context: Pick<HandlerContext, 'signal'>) => void {
  return ({ signal }) => {
    const explain = () => explainOwn(signal.reason, domain)
    if (signal.aborted) explain()
    else signal.addEventListener('abort', explain, { once: true })
  }
}

function explainOwn(error: unknown, domain: string): void {
  if (!(error instanceof ConnectError) || error.details.length > 0) return
  const { reason, code } = ownReason(error)
  Object.assign(error, { code })
  error.details.push(infoDetail(reason, domain))
}

/** How connect-es begins its messages for faults of a client's message that it answers as internal errors. */
const ofTheClient = ['parse binary', 'received compressed envelope']

/** The reason, and the code where connect-es calls it our fault that a client's message is nonsense. */
function ownReason({ code, rawMessage }: ConnectError): { reason: string; code: Code } {
  if (ofTheClient.some((start) => rawMessage.startsWith(start)))
    return { reason: 'invalid_envelope', code: Code.InvalidArgument }
  if (code === Code.InvalidArgument) {
    return { reason: rawMessage.includes('timeout') ? 'invalid_timeout' : 'invalid_envelope', code }
  }
  return { reason: ownReasons.get(code) ?? 'internal', code }
}

const ownReasons: ReadonlyMap<Code, string> = new Map([
  [Code.Canceled, 'canceled'],
  [Code.DeadlineExceeded, 'deadline_exceeded'],
  [Code.ResourceExhausted, 'message_too_large'],
  [Code.Unimplemented, 'unimplemented'],
])

/** The errors of a stream, translated; an error that is thrown into it is a write to its client that failed. */
function translated<T>(messages: AsyncIterable<T>, translate: (error: unknown) => unknown): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const inner = messages[Symbol.asyncIterator]()
      const outward = (result: Promise<IteratorResult<T>>) =>
        result.catch((error: unknown) => {
          throw translate(error)
        })
      return {
        next: () => outward(inner.next()),
        return: (value) => outward(inner.return?.(value) ?? Promise.resolve({ done: true, value })),
        throw: (error: unknown) => {
          const reason = isClientGone(error) ? canceled(error) : error
          return outward(inner.throw?.(reason) ?? Promise.reject(reason))
        },
      }
    },
  }
}

/** What the sockets and streams of Node.js say when the other side has closed, by reset or in peace. */
const goneCodes: ReadonlySet<unknown> = new Set([
  'ABORT_ERR',
  'ECANCELED',
  'ECONNABORTED',
  'ECONNRESET',
  'ENOTCONN',
  'EPIPE',
  'ETIMEDOUT',
])

function isClientGone(error: unknown): boolean {
  const code = systemErrorCode(error)
  return goneCodes.has(code) || /^ERR_(STREAM|HTTP2|SOCKET)_/.test(String(code))
}

function canceled(cause: unknown): ConnectError {
  return new ConnectError('the client has closed the call', Code.Canceled, undefined, undefined, cause)
}

/** A refusal as Connect, gRPC and gRPC-Web clients see it. */
function asConnectError(refusal: Refusal, domain: string): ConnectError {
  const metadata = Object.fromEntries(Object.entries(refusal.details).map(([name, value]) => [name, textOf(value)]))
  const { message, reason, connectCode, details } = refusal
  const explained = [infoDetail(reason, domain, metadata), ...retryDetail(details['retry_after_ms'])]
  return new ConnectError(message, Code[connectCode], undefined, explained, refusal)
}

function retryDetail(afterMs: unknown) {
  if (typeof afterMs !== 'number') return []
  const retryDelay = { seconds: BigInt(Math.floor(afterMs / 1000)), nanos: (afterMs % 1000) * 1_000_000 }
  return [{ desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay }) }]
}

function infoDetail(reason: string, domain: string, metadata: Record<string, string> = {}) {
  return { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason, domain, metadata }) }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
