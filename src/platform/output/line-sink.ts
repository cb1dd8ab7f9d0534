import { systemErrorCode } from '../errors.ts'
import { type DropReason, dropReasonOf, type Drops, noDrops } from './drops.ts'

/** What a sink writes to. Neither function waits for a reader; `write` may also end later. */
export type SinkTarget = {
  write: (chunk: Buffer, done: (error: unknown, written: number) => void) => void
  /** Returns the number of bytes that were written; throws the system's error. */
  writeNow: (chunk: Buffer) => number
}

export type LineSinkOptions = {
  target: SinkTarget
  /** Counted here by reason. */
  dropped?: Drops
  maxBytes?: number
  maxLines?: number
  /** Called once when all lines are written again after some were dropped, with the counts of these. */
  onRecovered?: (dropped: Partial<Drops>) => void
  /** Runs a function later, without keeping the process alive for it. */
  later?: (run: () => void, ms: number) => void
}

const firstPauseMs = 10
const longestPauseMs = 500

/** A write of many lines at once; small enough that a slow reader makes progress visible. */
const chunkBytes = 65_536

/**
 * Takes lines and writes them in order. `write` never throws and never waits: lines wait in memory while the target takes
 * none, and the oldest are dropped and counted when the bound on bytes or lines is reached. A failed write is tried again
 * until it succeeds, so a target that recovers gets the newest lines and the count of those that are missing.
 */
export class LineSink {
  readonly dropped: Drops
  readonly #options: Required<Omit<LineSinkOptions, 'dropped' | 'onRecovered'>>
  #onRecovered: LineSinkOptions['onRecovered']
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** What is being written, or the rest of it: never dropped, since a part of a line may be out already. */
  #current: Buffer | undefined
  #state: 'idle' | 'writing' | 'paused' = 'idle'
  #pauseMs = firstPauseMs
  #trouble: DropReason = 'blocked'
  #unreported: Partial<Drops> = {}

  constructor({ dropped = noDrops(), onRecovered, ...options }: LineSinkOptions) {
    this.dropped = dropped
    this.#onRecovered = onRecovered
    this.#options = { maxBytes: 1_048_576, maxLines: 10_000, later: runLater, ...options }
  }

  /** Replaces what is called after lines were dropped. */
  set onRecovered(report: LineSinkOptions['onRecovered']) {
    this.#onRecovered = report
  }

  write(line: string): void {
    const { maxBytes, maxLines } = this.#options
    const bytes = Buffer.from(line)
    if (bytes.length > maxBytes) this.#drop('too_long')
    else {
      this.#waiting.push(bytes)
      this.#waitingBytes += bytes.length
    }
    this.#pump()
    while (this.#waitingBytes > maxBytes || this.#waiting.length > maxLines) {
      this.#waitingBytes -= this.#waiting.shift()?.length ?? 0
      this.#drop(this.#trouble)
    }
  }

  /**
   * Writes what is left, for the end of the process: waits for a reader for at most `withinMs`. Returns whether all is
   * written.
   */
  flush(withinMs: number): boolean {
    // What a background write has begun, that one finishes.
    let rest = this.#state === 'writing' ? undefined : this.#current
    const end = performance.now() + withinMs
    for (;;) {
      rest ??= this.#take()
      if (rest === undefined) break
      try {
        rest = withoutStart(rest, this.#options.target.writeNow(rest))
      } catch (error) {
        if (dropReasonOf(systemErrorCode(error)) !== 'blocked' || performance.now() >= end) break
        pause(Math.min(firstPauseMs, withinMs))
      }
    }
    if (this.#state !== 'writing') this.#current = rest
    return rest === undefined
  }

  #pump(): void {
    while (this.#state === 'idle') {
      this.#current ??= this.#take()
      if (this.#current === undefined) return this.#report()
      let returned = false
      this.#state = 'writing'
      this.#options.target.write(this.#current, (error, written) => {
        this.#state = 'idle'
        this.#settle(error, written)
        if (returned) this.#pump()
      })
      returned = true
    }
  }

  #settle(error: unknown, written: number): void {
    if (!error && written > 0) {
      this.#current = this.#current && withoutStart(this.#current, written)
      this.#pauseMs = firstPauseMs
      this.#trouble = 'blocked'
      return
    }
    this.#trouble = dropReasonOf(error ? systemErrorCode(error) : 'EAGAIN')
    this.#state = 'paused'
    this.#options.later(() => {
      this.#state = 'idle'
      this.#pump()
    }, this.#pauseMs)
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs)
  }

  /** Lines for one write; undefined when none wait. */
  #take(): Buffer | undefined {
    let count = 0
    let bytes = 0
    while (count < this.#waiting.length && bytes < chunkBytes) bytes += this.#waiting[count++]?.length ?? 0
    const lines = this.#waiting.splice(0, count)
    this.#waitingBytes -= bytes
    return lines.length > 1 ? Buffer.concat(lines, bytes) : lines[0]
  }

  #drop(reason: DropReason): void {
    this.dropped[reason] += 1
    this.#unreported[reason] = (this.#unreported[reason] ?? 0) + 1
  }

  #report(): void {
    const dropped = this.#unreported
    if (Object.keys(dropped).length === 0) return
    this.#unreported = {}
    this.#onRecovered?.(dropped)
  }
}

function withoutStart(chunk: Buffer, length: number): Buffer | undefined {
  return length < chunk.length ? chunk.subarray(length) : undefined
}

function runLater(run: () => void, ms: number): void {
  setTimeout(run, ms).unref()
}

/** Blocks the thread: only at the very end of a process. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
