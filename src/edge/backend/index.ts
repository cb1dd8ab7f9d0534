export { readFormat } from './answer.ts'
export { type BackendOptions, createBackendClient } from './client.ts'
export type { BackendAnswer, BackendCall, BackendClient, SessionRecord } from './model.ts'
export { newTraceId } from './trace.ts'
