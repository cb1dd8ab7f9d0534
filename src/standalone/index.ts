export { type StandaloneOptions, startStandalone } from './standalone.ts'
