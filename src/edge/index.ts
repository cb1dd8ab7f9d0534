export { type EdgeOptions, type EdgeProcess, startEdge } from './process.ts'
export { type EdgeSettings, readEdgeSettings } from './settings.ts'
