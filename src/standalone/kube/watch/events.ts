import { withMetadata } from '../json-path.ts'
import type { LogEntry, Stored } from '../store/index.ts'
import type { Selection } from '../read/selection.ts'

/** What a watcher is told. */
export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; stored: Stored }
  | { type: 'BOOKMARK'; version: number; initialEventsEnd: boolean }

/**
 * What one log entry is to a watcher of a selection: an object that starts to match was added, one that stops to match
 * was deleted. Undefined when it is nothing to that watcher.
 */
export function eventOf(kind: string, selection: Selection, entry: LogEntry): WatchEvent | undefined {
  const { stored, previous, type } = entry
  if (stored.kind !== kind) return undefined
  const before = previous !== undefined && selection.matches(previous)
  if (type === 'DELETED') return before ? { type, stored } : undefined
  const after = selection.matches(stored)
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', stored }
  return before ? { type: 'DELETED', stored: at(previous, entry.version) } : undefined
}

/** The last state that matched, with the version at which it stopped to. */
function at(stored: Stored, version: number): Stored {
  const object = withMetadata(stored.object, { resourceVersion: String(version) })
  return { ...stored, version, object, json: JSON.stringify(object) }
}
