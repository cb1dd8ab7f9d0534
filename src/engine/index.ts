export { type EngineOptions, startEngine } from './process.ts'
export { type EngineSettings, readEngineSettings } from './settings.ts'
