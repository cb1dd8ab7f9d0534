/** @public: what this room hands out, and what a room needs whose objects no further attempt can put right. */
export { type Controller, createController } from './controller.ts'
/** @public */
export { createElector, type Elector } from './elector.ts'
/** @public */
export { type Reconcile, TerminalError } from './reconcile.ts'
