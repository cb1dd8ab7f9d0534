export { builtInEngineImage } from './host.ts'
export { type ControllerProcess, startController } from './process.ts'
export { type ControllerSettings, readControllerSettings } from './settings.ts'
