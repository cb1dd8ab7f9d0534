export { type Controller, type ControllerOptions, createController } from './controller.ts'
export { createElector, type Elector, type ElectorOptions } from './elector.ts'
export { type Reconcile, TerminalError } from './reconcile.ts'
export { createWorkQueue, type WorkQueue, type WorkQueueOptions } from './work-queue.ts'
