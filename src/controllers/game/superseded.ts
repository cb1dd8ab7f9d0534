import { canonicalJson } from '../../platform/json.ts'
import type { Game } from '../../resources/index.ts'

/**
 * Whether what is being done for the Game as it was before may be for an engine that nobody wants any more: it is gone or
 * going, is to be stopped, or asks for another engine. Whatever else is edited waits for its turn.
 */
export function isSuperseded(before: Game | undefined, after: Game | undefined): boolean {
  if (!before) return false
  if (after?.metadata.uid !== before.metadata.uid) return true
  if (after.metadata.deletionTimestamp !== before.metadata.deletionTimestamp) return true
  if (after.metadata.generation === before.metadata.generation) return false
  return canonicalJson(engineOf(before)) !== canonicalJson(engineOf(after))
}

function engineOf({ spec: { runState, engine, storage } }: Game) {
  return { isStopped: runState === 'Stopped', engine, storageClassName: storage?.storageClassName }
}
