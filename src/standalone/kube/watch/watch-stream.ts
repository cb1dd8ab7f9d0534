import type { WatchEvent } from './events.ts'

/** Where the bytes of a watch go: an HTTP response. */
export type Sink = {
  /** False when the other side does not keep up: write again after a drain. */
  write: (text: string) => boolean
  onDrain: (listener: () => void) => void
  /** Ends the response after what was written. */
  end: () => void
  /** Cuts the connection. */
  destroy: () => void
}

export type StreamLimits = { queued: number; stalledMs: number; batch: number }

const defaultLimits: StreamLimits = { queued: 10_000, stalledMs: 30_000, batch: 64 }

/**
 * Writes events to one watcher, in order, no faster than it reads. A watcher that stops reading is cut: it comes back
 * and resumes from the version it saw last.
 */
export class WatchStream {
  readonly #sink: Sink
  readonly #encode: (event: WatchEvent) => string
  readonly #limits: StreamLimits
  #queue: WatchEvent[] = []
  /** Set while the other side does not keep up. */
  #stalled: NodeJS.Timeout | undefined
  /** From here on live events count against the limit; what was there first does not. */
  #grace = 0
  #state: 'open' | 'ending' | 'closed' = 'open'

  constructor(sink: Sink, encode: (event: WatchEvent) => string, limits: StreamLimits = defaultLimits) {
    this.#sink = sink
    this.#encode = encode
    this.#limits = limits
    sink.onDrain(() => this.#drained())
  }

  /** What the watcher must know first, however much that is. */
  begin(events: readonly WatchEvent[]): void {
    this.#grace = events.length
    this.push(events)
  }

  push(events: readonly WatchEvent[]): void {
    if (this.#state !== 'open' || events.length === 0) return
    this.#queue = this.#queue.length === 0 ? [...events] : [...this.#queue, ...events]
    if (this.#queue.length > this.#limits.queued + this.#grace) this.cut()
    else this.#flush()
  }

  /** Ends the watch once everything pushed is written. */
  end(last: string = ''): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#last = last
    this.#flush()
  }

  /** Ends the watch now. */
  cut(): void {
    this.#close()
    this.#sink.destroy()
  }

  /** For when the other side has gone. */
  closed(): void {
    this.#close()
  }

  #last = ''

  #close(): void {
    this.#state = 'closed'
    this.#queue = []
    clearTimeout(this.#stalled)
    this.#stalled = undefined
  }

  #drained(): void {
    clearTimeout(this.#stalled)
    this.#stalled = undefined
    this.#flush()
  }

  #flush(): void {
    while (this.#state !== 'closed' && !this.#stalled && this.#queue.length > 0) {
      const batch = this.#queue.slice(0, this.#limits.batch)
      this.#queue = this.#queue.slice(batch.length)
      if (!this.#sink.write(batch.map(this.#encode).join(''))) this.#stall()
    }
    if (this.#queue.length === 0) this.#grace = 0
    if (this.#state === 'ending' && !this.#stalled && this.#queue.length === 0) {
      if (this.#last) this.#sink.write(this.#last)
      this.#close()
      this.#sink.end()
    }
  }

  #stall(): void {
    this.#stalled = setTimeout(() => this.cut(), this.#limits.stalledMs)
  }
}
