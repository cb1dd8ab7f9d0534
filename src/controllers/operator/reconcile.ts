import type { ObjectKey } from '../../platform/kubernetes/objects.ts'

/**
 * Makes the world match one object. Level-based: reads the world, never the event that woke it.
 * - returns `requeueAfterMs`: forgets the key's failures and looks again then;
 * - throws: the key comes back with exponential backoff;
 * - throws TerminalError: logged and dropped until the object changes.
 * `signal` fires when the process stops or loses its lease, and when what the pass is for is no longer wanted: stop as soon
 * as that is safe. The key comes back.
 */
export type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<{ requeueAfterMs?: number | undefined }>

export class TerminalError extends Error {
  override name = 'TerminalError'
}
