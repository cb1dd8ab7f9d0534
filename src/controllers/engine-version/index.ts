export { createEngineVersionReconciler } from './reconcile.ts'
