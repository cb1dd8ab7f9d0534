export { type AuthenticateDeps, createAuthenticate } from './authenticate.ts'
export { createMemoryReplayStore } from './memory-replay-store.ts'
export {
  type Authenticate,
  type Authenticated,
  type AuthenticateOptions,
  clientIpKey,
  type SignedRequest,
} from './model.ts'
export { createOverload, type Overload, overloadMetrics } from './overload.ts'
export { connectReplayStore, type RedisReplayStoreOptions } from './redis-replay-store.ts'
export { replayMetrics } from './replay-health.ts'
export type { ReplayStore, Reservation, ReservationTimes } from './replay-store.ts'
