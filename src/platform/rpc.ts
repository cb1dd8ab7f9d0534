import { create } from '@bufbuild/protobuf'
import { ConnectError, type Interceptor } from '@connectrpc/connect'
import { ErrorInfoSchema } from '../gen/google/rpc/error_details_pb.ts'
import { Refusal } from './errors.ts'

/**
 * For the Connect router: the one place where refusals become Connect errors, each with `google.rpc.ErrorInfo` (`reason`
 * is the refusal's, `metadata` its details). Anything else passes through: connect-es answers it as a bare internal
 * error, and `onBug` is told.
 */
export function answerConnectErrors({
  domain,
  onBug,
}: {
  domain: string
  onBug: (error: unknown) => void
}): Interceptor {
  const translate = (error: unknown) => {
    if (error instanceof Refusal) return asConnectError(error, domain)
    if (!(error instanceof ConnectError)) onBug(error)
    return error
  }
  return (next) => async (request) => {
    try {
      const response = await next(request)
      // A stream fails while it is read, after `next` has returned.
      return response.stream ? { ...response, message: translated(response.message, translate) } : response
    } catch (error) {
      throw translate(error)
    }
  }
}

async function* translated<T>(messages: AsyncIterable<T>, translate: (error: unknown) => unknown) {
  try {
    yield* messages
  } catch (error) {
    throw translate(error)
  }
}

/** A refusal as Connect, gRPC and gRPC-Web clients see it. */
function asConnectError(refusal: Refusal, domain: string): ConnectError {
  const metadata = Object.fromEntries(Object.entries(refusal.details).map(([name, value]) => [name, textOf(value)]))
  const info = create(ErrorInfoSchema, { reason: refusal.reason, domain, metadata })
  return new ConnectError(
    refusal.message,
    refusal.connectCode,
    undefined,
    [{ desc: ErrorInfoSchema, value: info }],
    refusal,
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
