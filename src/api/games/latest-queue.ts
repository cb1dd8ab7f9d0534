import { type Backoff, backoffMs } from '../../platform/backoff.ts'
import { sleep } from '../../platform/clock.ts'

export type LatestQueueOptions<T> = {
  work: (item: T) => Promise<void>
  /** Items worked on at once. */
  workers: number
  backoff: Backoff
  /** Told of each failure after which the item is tried again. */
  onFailure: (error: unknown, key: string, failures: number) => void
  /** True for a failure that another attempt cannot cure: the item is dropped, and only a newer one is tried. */
  isPermanent?: (error: unknown) => boolean
  /** Told of each item that is dropped so. */
  onDropped?: (error: unknown, key: string) => void
  /** How a pause is waited for. */
  rest?: (ms: number, signal: AbortSignal) => Promise<void>
}

/**
 * Works on the newest item of each key: what is put while its key waits replaces what waited, and no key is worked on
 * twice at once. What fails is tried again with growing pauses, unless something newer has come or the failure is permanent.
 */
export class LatestQueue<T> implements AsyncDisposable {
  readonly #options: Required<LatestQueueOptions<T>>
  readonly #end = new AbortController()
  /** Free to be worked on. */
  readonly #ready = new Map<string, T>()
  /** Put while their key was taken. */
  readonly #next = new Map<string, T>()
  readonly #taken = new Map<string, Promise<void>>()
  #working = 0

  constructor(options: LatestQueueOptions<T>) {
    this.#options = { rest: sleep, isPermanent: () => false, onDropped: () => undefined, ...options }
  }

  put(key: string, item: T): void {
    if (this.#end.signal.aborted) return
    const waiting = this.#taken.has(key) ? this.#next : this.#ready
    waiting.set(key, item)
    this.#pump()
  }

  /** Lets what is being worked on end; what waits is dropped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    this.#ready.clear()
    await Promise.all(this.#taken.values())
  }

  #pump(): void {
    for (const [key, item] of this.#ready) {
      if (this.#working >= this.#options.workers) return
      this.#ready.delete(key)
      this.#taken.set(key, this.#take(key, item))
    }
  }

  async #take(key: string, first: T): Promise<void> {
    let item = first
    for (let failures = 1; !(await this.#attempt(key, item, failures)); failures += 1) {
      await this.#options.rest(backoffMs(failures, this.#options.backoff), this.#end.signal)
      if (this.#end.signal.aborted) break
      item = this.#next.get(key) ?? item
      this.#next.delete(key)
    }
    this.#taken.delete(key)
    const newer = this.#next.get(key)
    this.#next.delete(key)
    if (newer !== undefined) this.put(key, newer)
    else this.#pump()
  }

  /** True when the item is over and done with. */
  async #attempt(key: string, item: T, failures: number): Promise<boolean> {
    this.#working += 1
    try {
      await this.#options.work(item)
      return true
    } catch (error) {
      if (this.#options.isPermanent(error)) {
        this.#options.onDropped(error, key)
        return true
      }
      this.#options.onFailure(error, key, failures)
      return false
    } finally {
      this.#working -= 1
      this.#pump()
    }
  }
}
