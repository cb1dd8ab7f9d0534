import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'

/** One of the services that `galaxy up` runs. It may use every part before it in the list. */
export type Part = {
  name: string
  /**
   * Parts without which it cannot go on even when they are soon back: it is started again whenever one of them is. The
   * others it finds again by itself, at the address that they keep.
   */
  restartsWith?: readonly string[]
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

export type Failure = { part: Part; error: unknown }

type Entry = { handle: RunningPart; failure: Promise<Failure>; failed?: Failure }

/** The parts, those of them that run, and what is to become of them; always in the order of starting. */
export class RunningParts {
  readonly #parts: readonly Part[]
  readonly #running = new Map<Part, Entry>()
  readonly #log: Log

  constructor(parts: readonly Part[], log: Log) {
    this.#parts = parts
    this.#log = log
  }

  /** Those that do not run. */
  get missing(): readonly Part[] {
    return this.#parts.filter((part) => !this.#running.has(part))
  }

  async start(part: Part): Promise<void> {
    this.#log.info(`starting ${part.name}…`)
    const handle = await part.start()
    const failure = (handle.failed ?? new Promise<never>(() => undefined)).catch((error: unknown) => {
      entry.failed = { part, error }
      return entry.failed
    })
    const entry: Entry = { handle, failure }
    this.#running.set(part, entry)
  }

  /** The first part that has failed by now. */
  get failure(): Failure | undefined {
    return this.#parts.map((part) => this.#running.get(part)?.failed).find((failed) => failed)
  }

  /** Waits until a part fails; undefined when `ended` comes first. */
  async untilFailure(ended: Promise<unknown>): Promise<Failure | undefined> {
    return Promise.race([ended.then(() => undefined), ...[...this.#running.values()].map(({ failure }) => failure)])
  }

  /** Ends all parts, last first; one that takes too long is left behind. Returns what went wrong, a line for each part. */
  async stop(): Promise<readonly string[]> {
    return this.#endAll(this.#parts, (handle) => handle[Symbol.asyncDispose]())
  }

  /** Ends the part and those that cannot go on without it, as `stop`, in order to start them again. */
  async suspend(part: Part): Promise<void> {
    const names = new Set([part.name])
    // In the order of starting, so that what is needed comes before what needs it.
    for (const { name, restartsWith = [] } of this.#parts)
      if (restartsWith.some((needed) => names.has(needed))) names.add(name)
    const ending = this.#parts.filter(({ name }) => names.has(name))
    const problems = await this.#endAll(ending, (handle) => handle.suspend?.() ?? handle[Symbol.asyncDispose]())
    for (const problem of problems) this.#log.warn(problem)
  }

  async #endAll(parts: readonly Part[], end: (handle: RunningPart) => PromiseLike<void>): Promise<string[]> {
    const problems: string[] = []
    for (const part of parts.toReversed()) {
      const handle = this.#running.get(part)?.handle
      this.#running.delete(part)
      const problem = handle && (await this.#end(part, () => end(handle)))
      if (problem !== undefined) problems.push(`stopping ${part.name}: ${problem}`)
    }
    return problems
  }

  async #end({ name, stopWithinMs }: Part, end: () => PromiseLike<void>): Promise<string | undefined> {
    const waiting = new AbortController()
    const late = delay(stopWithinMs, undefined, { signal: waiting.signal }).then(
      () => `it has not ended within ${stopWithinMs / 1000} s, and what it runs may still run`,
      () => undefined,
    )
    const problem = await Promise.race([problemOf(end), late])
    waiting.abort()
    if (problem === undefined) this.#log.debug(`stopped ${name}`)
    return problem
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
