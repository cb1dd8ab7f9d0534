export {
  createEngineClient,
  type EngineAddress,
  type EngineCallOptions,
  type EngineClient,
  EngineError,
  type EngineFailure,
} from './client.ts'
export * from './model.ts'
