export type { LogEntry, Stored, StoreKey } from './model.ts'
export { pathOf, storedAs } from './model.ts'
export { type Decide, type Decision, Store } from './store.ts'
