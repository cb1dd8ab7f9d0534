export { type OptionalPart } from './parts/index.ts'
export { startStandalone } from './standalone.ts'
export { readOwnSettings } from './own-settings.ts'
