export { type ApiProcess, startApi } from './process.ts'
export { type ApiSettings, readApiSettings } from './settings.ts'
