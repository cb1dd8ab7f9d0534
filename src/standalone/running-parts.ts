import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'

/** One of the services that `galaxy up` runs. It may use every part before it in the list. */
export type Part = {
  name: string
  /** Throws a StartupError for wrong settings; all parts are asked before the first one is started. */
  check?: (() => Promise<void>) | undefined
  start: () => Promise<RunningPart>
  stopWithinMs: number
}

export type RunningPart = AsyncDisposable & {
  /** Rejects when the part ends without being asked to; a part without it cannot fail by itself. */
  failed?: Promise<never> | undefined
  /** Ends it in order to start it again soon; absent: disposing of it does that too. */
  suspend?: (() => Promise<void>) | undefined
}

/** `index` is the part's place in the order of starting. */
export type Failure = { index: number; name: string; error: unknown }

type Entry = { part: Part; handle: RunningPart; failure: Promise<Failure>; failed?: Failure }

/** The parts that run, in the order they were started. */
export class RunningParts {
  readonly #running: Entry[] = []
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  get count(): number {
    return this.#running.length
  }

  async start(part: Part): Promise<void> {
    this.#log.info(`starting ${part.name}…`)
    const handle = await part.start()
    const index = this.#running.length
    const failure = (handle.failed ?? new Promise<never>(() => undefined)).catch((error: unknown) => {
      entry.failed = { index, name: part.name, error }
      return entry.failed
    })
    const entry: Entry = { part, handle, failure }
    this.#running.push(entry)
  }

  /** The first part that has failed by now. */
  get failure(): Failure | undefined {
    return this.#running.find(({ failed }) => failed)?.failed
  }

  /** Waits until a part fails; undefined when `ended` comes first. */
  async untilFailure(ended: Promise<unknown>): Promise<Failure | undefined> {
    return Promise.race([ended.then(() => undefined), ...this.#running.map(({ failure }) => failure)])
  }

  /** Ends all parts, last first; one that takes too long is left behind. */
  async stop(): Promise<void> {
    for (const { part, handle } of this.#running.splice(0).toReversed())
      await this.#end(part, () => handle[Symbol.asyncDispose]())
  }

  /** Ends the parts from `index` on, as `stop`, in order to start them again. */
  async suspendFrom(index: number): Promise<void> {
    for (const { part, handle } of this.#running.splice(index).toReversed())
      await this.#end(part, () => handle.suspend?.() ?? handle[Symbol.asyncDispose]())
  }

  async #end({ name, stopWithinMs }: Part, end: () => PromiseLike<void>): Promise<void> {
    const waiting = new AbortController()
    const late = delay(stopWithinMs, undefined, { signal: waiting.signal }).then(
      () => `it has not ended within ${stopWithinMs / 1000} s`,
      () => undefined,
    )
    const problem = await Promise.race([problemOf(end), late])
    waiting.abort()
    if (problem === undefined) this.#log.debug(`stopped ${name}`)
    else this.#log.warn(`stopping ${name}: ${problem}`)
  }
}

/** Does it; what went wrong, as text. */
async function problemOf(action: () => PromiseLike<void>): Promise<string | undefined> {
  try {
    await action()
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
