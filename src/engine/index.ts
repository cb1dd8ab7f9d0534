export { type Engine, type EngineOptions, startEngine } from './engine.ts'
export { runEngine } from './process.ts'
export { type EngineSettings, readEngineSettings } from './settings.ts'
