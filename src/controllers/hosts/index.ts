export {
  type EngineExit,
  type EngineInstance,
  type EngineSpec,
  type GameRef,
  type Host,
  HostError,
  type HostFailure,
  type Runtime,
} from './port.ts'
export { specHash } from './spec-hash.ts'
export { createProcessHost, type ProcessHost, type ProcessHostOptions } from './process/host.ts'
