export type { Frame } from './frames.ts'
export { pushRpc, requireServiceTokenRpc } from './rpc.ts'
export { createPushService, type PushOptions, type PushService } from './service.ts'
export { type NewEvent, type NewInvalidation, publishEvent, publishInvalidation } from './store.ts'
