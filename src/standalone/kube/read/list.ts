import { expired, tooLargeResourceVersion } from '../api-error.ts'
import type { Kind } from '../kinds/index.ts'
import { pathOf, type Store, type Stored } from '../store/index.ts'
import { writeContinueToken } from './continue-token.ts'
import type { ListOptions } from './list-options.ts'
import type { Selection } from './selection.ts'

/** What a list answers: a consistent state of its objects, or a part of that. */
export type Listed = { items: readonly Stored[]; version: number; continue?: string; remaining?: number }

/**
 * Objects of a kind, in one consistent state, however many requests the list takes.
 * @throws ApiError 410 when that state is too long ago, 504 when it lies in the future
 */
export function list(store: Store, kind: Kind, selection: Selection, { limit, from, at }: ListOptions): Listed {
  const version = from?.version ?? versionOf(store, at)
  const objects = store.listAt(kind.storedAs, version)
  if (!objects || version > store.version) throw expired(tooOld)
  const after = from?.after
  const ahead = after === undefined ? objects : objects.filter((stored) => pathOf(stored) > after)
  const selected = ahead.filter(selection.matches)
  if (limit === 0 || selected.length <= limit) return { items: selected, version }
  const items = selected.slice(0, limit)
  const last = items.at(-1)
  const token = writeContinueToken({ version, after: last ? pathOf(last) : '' })
  return { items, version, continue: token, ...(selection.everything ? { remaining: selected.length - limit } : {}) }
}

function versionOf(store: Store, at: ListOptions['at']): number {
  if (at === 'newest') return store.version
  if (at.version > store.version) throw tooLargeResourceVersion(at.version, store.version)
  return at.match === 'Exact' ? at.version : store.version
}

const tooOld =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.'
