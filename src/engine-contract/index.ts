export { createEngineClient, type EngineClient } from './client.ts'
export * from './model.ts'
export { createPlayerEngineClient, type PlayerEngineClient } from './player-client.ts'
export {
  type EngineAddress,
  type EngineCallOptions,
  EngineError,
  type EngineFailure,
  type EngineRefusal,
} from './transport.ts'
