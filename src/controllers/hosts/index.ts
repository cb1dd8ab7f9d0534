export {
  type DataVolume,
  type EngineEntry,
  type EngineExit,
  type EngineInstance,
  type EngineSpec,
  type GameRef,
  type Host,
  HostError,
  type HostFailure,
  type Placement,
  type PodTemplate,
  type PullAccess,
  type Runtime,
} from './port.ts'
export { createDockerHost, type DockerHost, type DockerHostOptions } from './docker/host.ts'
export { createPodsHost, type PodsHost } from './pods/host.ts'
export { quantityValue } from './quantity.ts'
export { specHash } from './spec-hash.ts'
export { createProcessHost, type ProcessHost, type ProcessHostOptions } from './process/host.ts'
