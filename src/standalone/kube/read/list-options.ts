import { badRequest } from '../api-error.ts'
import { isTrue } from '../request-info.ts'
import { type ContinueToken, readContinueToken } from './continue-token.ts'

/** Which state of the objects a list or a watch starts from. */
type At = { version: number; match: 'Exact' | 'NotOlderThan' } | 'newest'

export type ListOptions = { limit: number; from: ContinueToken | undefined; at: At }

export type WatchOptions = {
  /** Events after this version; undefined: what is there first, then everything after it. */
  since: number | undefined
  bookmarks: boolean
  /** Marks the end of what was there first by a bookmark of its own. */
  initialEvents: boolean
  timeoutMs: number | undefined
}

/** @throws ApiError 400 */
export function readListOptions(query: URLSearchParams): ListOptions {
  const token = query.get('continue') ?? ''
  const version = readVersion(query)
  if (token !== '' && version !== undefined && version !== 0) {
    throw badRequest('specifying resource version is not allowed when using continue')
  }
  const from = token === '' ? undefined : readContinueToken(token)
  return { limit: wholeNumber(query, 'limit') ?? 0, from, at: readAt(query, version) }
}

function readAt(query: URLSearchParams, version: number | undefined): At {
  const match = query.get('resourceVersionMatch') ?? ''
  if (!['', 'Exact', 'NotOlderThan'].includes(match)) {
    throw badRequest(`resourceVersionMatch: Unsupported value: "${match}": supported values: "Exact", "NotOlderThan"`)
  }
  if (match !== '' && version === undefined) {
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided')
  }
  if (match === 'Exact' && version === 0) {
    throw badRequest('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
  }
  if (version === undefined || version === 0) return 'newest'
  return { version, match: match === 'Exact' ? 'Exact' : 'NotOlderThan' }
}

/** @throws ApiError 400 */
export function readWatchOptions(query: URLSearchParams): WatchOptions {
  const version = readVersion(query)
  const bookmarks = query.has('allowWatchBookmarks') && isTrue(query.get('allowWatchBookmarks'))
  const asked = query.get('sendInitialEvents')
  if (asked !== null && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw badRequest('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  }
  const initialEvents = isTrue(asked)
  const seconds = wholeNumber(query, 'timeoutSeconds')
  return {
    since: initialEvents || version === 0 ? undefined : version,
    bookmarks,
    initialEvents,
    timeoutMs: seconds ? seconds * 1000 : undefined,
  }
}

function readVersion(query: URLSearchParams): number | undefined {
  return wholeNumber(query, 'resourceVersion')
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? ''
  if (text === '') return undefined
  if (/^[0-9]{1,15}$/.test(text)) return Number(text)
  throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: must be a whole number`)
}
