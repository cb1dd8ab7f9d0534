export { type OptionalPart } from './parts/index.ts'
export { startStandalone } from './standalone.ts'
