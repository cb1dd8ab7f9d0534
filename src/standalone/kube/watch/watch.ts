import { expired } from '../api-error.ts'
import type { Kind } from '../kinds/index.ts'
import type { WatchOptions } from '../read/list-options.ts'
import type { Selection } from '../read/selection.ts'
import type { LogEntry, Store } from '../store/index.ts'
import { encodeError } from './encode.ts'
import { eventOf, type WatchEvent } from './events.ts'
import { type Sink, WatchStream } from './watch-stream.ts'

export type WatchRequest = {
  kind: Kind
  selection: Selection
  options: WatchOptions
  encode: (event: WatchEvent) => string
}

const bookmarkEveryMs = 60_000
/** Without a wish of the client, a watch lasts this long, and up to twice as long. */
const defaultTimeoutMs = 1_800_000

/** One watch, from its first event to its end. */
export type Watch = {
  /** Ends it in good order: a last bookmark, then the end of the response. */
  end: () => void
  /** For when the client has gone. */
  closed: () => void
}

/** Tells a client what happens to the objects of a selection, from the version it names on. */
export function startWatch(store: Store, request: WatchRequest, sink: Sink): Watch {
  const { kind, selection, options, encode } = request
  const stream = new WatchStream(sink, encode)
  const first = firstEvents(store, request)
  if (!first) {
    stream.end(encodeError(expired(`too old resource version: ${options.since} (${store.version})`).status))
    return { end: () => undefined, closed: () => stream.closed() }
  }
  stream.begin(first)
  const unsubscribe = store.subscribe({
    committed: (entries) => stream.push(entries.flatMap((entry) => told(entry))),
    reset: () => finish(() => stream.cut()),
  })
  const bookmarks = options.bookmarks
    ? setInterval(() => stream.push([bookmark(store, false)]), bookmarkEveryMs)
    : undefined
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs * (1 + Math.random())
  const timeout = setTimeout(end, Math.min(timeoutMs, 2 ** 31 - 1))
  return { end, closed: () => finish(() => stream.closed()) }

  function told(entry: LogEntry): WatchEvent[] {
    const event = eventOf(kind.storedAs, selection, entry)
    return event ? [event] : []
  }

  function end(): void {
    if (options.bookmarks) stream.push([bookmark(store, false)])
    finish(() => stream.end())
  }

  function finish(last: () => void): void {
    unsubscribe()
    clearInterval(bookmarks)
    clearTimeout(timeout)
    last()
  }
}

/** What the client must know before anything new: all there is, or what it missed; undefined when that is forgotten. */
function firstEvents(store: Store, { kind, selection, options }: WatchRequest): WatchEvent[] | undefined {
  if (options.since !== undefined) {
    return store.since(options.since)?.flatMap((entry) => eventOf(kind.storedAs, selection, entry) ?? [])
  }
  const there = store.list(kind.storedAs).filter(selection.matches)
  const events = there.map((stored): WatchEvent => ({ type: 'ADDED', stored }))
  return options.initialEvents && options.bookmarks ? [...events, bookmark(store, true)] : events
}

function bookmark({ version }: Store, initialEventsEnd: boolean): WatchEvent {
  return { type: 'BOOKMARK', version, initialEventsEnd }
}
