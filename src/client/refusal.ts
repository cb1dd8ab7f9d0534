import { Code, ConnectError } from '@connectrpc/connect'
import { ErrorInfoSchema, RetryInfoSchema } from '../gen/google/rpc/error_details_pb.ts'
import { GatewayRefused, SignedOut } from './errors.ts'

const signedOutCodes: ReadonlySet<string> = new Set(['session_revoked', 'unknown_session'])

/** A failed call in the words of this SDK. Anything that did not come from the gateway's call is left as it is. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof ConnectError)) return error
  // Said by the transport, which knows more than what it hands on.
  if (error.cause instanceof GatewayRefused) return error.cause
  const info = error.findDetails(ErrorInfoSchema).find(({ domain }) => domain === 'galaxy.edge')
  if (info && signedOutCodes.has(info.reason)) return new SignedOut(info.reason, { cause: error })
  const serverTimeMs = Number(info?.metadata['server_time_ms'] ?? Number.NaN)
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay
  return new GatewayRefused(
    info ? error.rawMessage : `the gateway cannot be reached: ${error.rawMessage}`,
    {
      code: info?.reason ?? 'unreachable',
      connectCode: error.code,
      serverTimeMs: Number.isSafeInteger(serverTimeMs) ? serverTimeMs : undefined,
      retryAfterMs: delay ? Number(delay.seconds) * 1000 + delay.nanos / 1e6 : undefined,
    },
    { cause: error },
  )
}

/** True when the gateway turned the request away before it did anything: any command may be sent again. */
export function neverRan({ code }: GatewayRefused): boolean {
  return neverRanCodes.has(code)
}

const neverRanCodes: ReadonlySet<string> = new Set(['overloaded', 'replay_store_unavailable', 'replay_store_reset'])

/** True when trouble may pass: whether the command ran is not known. */
export function mayPass({ code, connectCode }: GatewayRefused): boolean {
  if (connectCode === Code.Unavailable || connectCode === Code.DeadlineExceeded) return true
  // A proxy or the transport sent the request twice, and the answer to the first is lost.
  if (code === 'replayed_request') return true
  return code === 'unreachable' && transportFailures.has(connectCode)
}

/** What transports call broken connections. */
const transportFailures: ReadonlySet<Code> = new Set([Code.Unknown, Code.Internal, Code.Aborted, Code.Canceled])

/** True when the gateway's clock and ours differ: `serverTimeMs` tells by how much. */
export function isClockTrouble({ code }: GatewayRefused): boolean {
  return code === 'stale_request' || code === 'request_from_future'
}
