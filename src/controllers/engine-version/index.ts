export { countAfter, type GameChange } from './count-after.ts'
export { createEngineVersionReconciler } from './reconcile.ts'
