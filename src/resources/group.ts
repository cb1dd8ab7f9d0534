export const group = 'galaxy.dev'
export const version = 'v1'
export const apiVersion = `${group}/${version}` as const
export const category = 'galaxy'

/** Keeps a deleted Game until its engine is gone. */
export const engineFinalizer = 'galaxy.dev/engine'
/** Keeps a deleted EngineVersion until no Game uses it. */
export const inUseFinalizer = 'galaxy.dev/in-use'
/** Set to `disabled`, the controllers leave the object alone. */
export const reconcileAnnotation = 'galaxy.dev/reconcile'
