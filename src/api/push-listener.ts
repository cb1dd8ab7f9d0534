import { type ConnectListener, listenConnect } from '../platform/connect-listener/index.ts'
import type { Log } from '../platform/log.ts'
import { answerConnectErrors, explainOwnErrors } from '../platform/rpc.ts'
import type { ListenAddress } from '../platform/settings.ts'
import { type PushService, pushRpc, requireServiceTokenRpc } from './push/index.ts'

export type PushListenerNeeds = {
  address: ListenAddress
  push: PushService
  serviceToken: string | undefined
  log: Log
}

/** Of every error. */
const domain = 'galaxy.api'

/** A stream is open as long as the gateway lives: only what it sends is limited. */
const limits = { readMaxBytes: 65_536, writeMaxBytes: 1_048_576, maxTimeoutMs: 2_147_483_647 }

/** The listener that gateways subscribe on. */
export function listenForPush({ address, push, serviceToken, log }: PushListenerNeeds): Promise<ConnectListener> {
  return listenConnect({
    address,
    setting: 'setting BACKEND_PUSH_ADDR',
    routes: pushRpc(push),
    interceptors: [
      answerConnectErrors({ domain, onBug: (error) => log.error({ err: error }, 'unhandled') }),
      requireServiceTokenRpc(serviceToken),
    ],
    gate: explainOwnErrors(domain),
    limits,
    log,
  })
}
