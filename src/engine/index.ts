export type { Engine, EngineOptions } from './engine.ts'
export { runEngine } from './process.ts'
export { type EngineSettings, readEngineSettings } from './settings.ts'
