import type { LogEntry, Stored } from './model.ts'
import { pathOf } from './model.ts'

export type LogLimits = { entries: number; bytes: number }

const defaultLimits: LogLimits = { entries: 10_000, bytes: 64 * 1024 * 1024 }

/** The newest log entries, in memory, bounded by number and by size. */
export class RecentLog {
  readonly #limits: LogLimits
  #entries: LogEntry[] = []
  #first = 0
  #bytes = 0
  #floor = 0

  constructor(limits: LogLimits = defaultLimits) {
    this.#limits = limits
  }

  /** What came after this version is known; what came up to it may have been forgotten. */
  get floor(): number {
    return this.#floor
  }

  /** Forgets everything: what came up to `version` is unknown. */
  reset(version: number): void {
    this.#entries = []
    this.#first = 0
    this.#bytes = 0
    this.#floor = version
  }

  add(entry: LogEntry): void {
    this.#entries.push(entry)
    this.#bytes += sizeOf(entry)
    while (this.#entries.length - this.#first > this.#limits.entries || this.#bytes > this.#limits.bytes) {
      const oldest = this.#entries[this.#first]
      if (!oldest) break
      this.#first += 1
      this.#bytes -= sizeOf(oldest)
      this.#floor = oldest.version
    }
    // Trimming one by one would copy the array each time.
    if (this.#first > 1000) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
  }

  /** Entries after `version`, oldest first; undefined when some of them may be forgotten. */
  since(version: number): LogEntry[] | undefined {
    if (version < this.#floor) return undefined
    const from = this.#entries.findLastIndex((entry) => entry.version <= version) + 1
    return this.#entries.slice(Math.max(from, this.#first))
  }

  /**
   * What to change in today's objects of a kind to see them as they were at `version`: path → object, or undefined
   * where there was none. Undefined when the log does not reach back that far.
   */
  undo(kind: string, version: number): Map<string, Stored | undefined> | undefined {
    const later = this.since(version)
    if (!later) return undefined
    const changes = later.filter(({ stored }) => stored.kind === kind)
    return new Map(changes.toReversed().map(({ stored, previous }) => [pathOf(stored), previous]))
  }
}

function sizeOf({ stored }: LogEntry): number {
  return stored.json.length + 200
}
