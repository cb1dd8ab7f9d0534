import type { ConnectRouter, Interceptor } from '@connectrpc/connect'
import { Push } from '../../gen/galaxy/push/v1/push_pb.ts'
import { isServiceToken, noServiceToken } from '../../platform/service-token.ts'
import type { PushService } from './service.ts'

/** The routes of the push listener. */
export function pushRpc(push: Pick<PushService, 'subscribe'>): (router: ConnectRouter) => void {
  return (router) => {
    router.service(Push, { subscribePush: ({ lastCursor }, { signal }) => push.subscribe(lastCursor, signal) })
  }
}

/**
 * Demands the service credential of every call, before its message is read. It goes behind `answerConnectErrors`, which
 * makes its refusal UNAUTHENTICATED on the wire.
 */
export function requireServiceTokenRpc(token: string | undefined): Interceptor {
  const isGiven = isServiceToken(token)
  return (next) => async (request) => {
    if (!isGiven(request.header.get('authorization'))) throw noServiceToken()
    return next(request)
  }
}
