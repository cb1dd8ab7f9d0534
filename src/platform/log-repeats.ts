import type { Drops } from './output/index.ts'

export type RepeatLimits = {
  windowMs: number
  /** Warnings and errors of one kind in a window. */
  warnings: number
  /** Other lines of one kind in a window. */
  others: number
  /** Further kinds in a window share one count: the text of a line may hold what a client has sent. */
  kinds: number
}

export const usualLimits: RepeatLimits = { windowMs: 10_000, warnings: 10, others: 200, kinds: 100 }

const warnLevel = 40

export type RepeatLimiterOptions = {
  limits: RepeatLimits
  /** Counts the lines that are not written. */
  dropped: Pick<Drops, 'repeated'>
  /** Calls `end` when a window that starts now is over. */
  openWindow: (end: () => void) => void
  /** Receives the kinds of which lines were suppressed when a window is over. */
  report: (suppressed: readonly Suppressed[]) => void
}

type Count = { message: string; level: number; written: number; suppressed: number }

/** A kind of which lines were suppressed in the window that has ended. */
export type Suppressed = { message: string; level: number; suppressed: number }

/**
 * Decides which lines of the log are written when clients can cause any number of them: the first of each kind in a
 * window. The others are counted, and the counts are reported when the window is over.
 */
export class RepeatLimiter {
  readonly #options: RepeatLimiterOptions
  #counts = new Map<string, Count>()

  constructor(options: RepeatLimiterOptions) {
    this.#options = options
  }

  /** Whether the line is to be written. */
  admits(level: number, args: readonly unknown[]): boolean {
    const { limits, dropped, openWindow } = this.#options
    if (this.#counts.size === 0) openWindow(() => this.#endWindow())
    const count = this.#countOf(level, args)
    if (count.written < (level < warnLevel ? limits.others : limits.warnings)) {
      count.written += 1
      return true
    }
    count.suppressed += 1
    dropped.repeated += 1
    return false
  }

  #endWindow(): void {
    const ended = [...this.#counts.values()]
    this.#counts = new Map()
    this.#options.report(ended.filter(({ suppressed }) => suppressed > 0))
  }

  #countOf(level: number, args: readonly unknown[]): Count {
    const message = messageOf(args)
    const kind = `${level} ${message} ${originOf(args[0])}`
    const known = this.#counts.get(kind)
    if (known) return known
    const isFull = this.#counts.size >= this.#options.limits.kinds
    const key = isFull ? `${level}` : kind
    const count = this.#counts.get(key) ?? {
      message: isFull ? 'various lines' : message,
      level,
      written: 0,
      suppressed: 0,
    }
    this.#counts.set(key, count)
    return count
  }
}

function messageOf([first, second]: readonly unknown[]): string {
  const text = typeof first === 'string' ? first : second
  return typeof text === 'string' ? text.slice(0, 200) : ''
}

/** Where the error of a line comes from, so that one error does not hide another behind the same message. */
function originOf(first: unknown): string {
  const error = typeof first === 'object' && first && 'err' in first ? first.err : first
  if (!(error instanceof Error)) return ''
  const frame = error.stack?.split('\n').find((line) => line.startsWith('    at ')) ?? ''
  return `${error.name} ${'code' in error ? String(error.code) : ''} ${frame}`
}
