import { type Clock, sleep, steadyClock } from './clock.ts'
import { messageOf } from './errors.ts'
import type { Log } from './log.ts'

export type StopSequenceOptions = {
  /** For all steps together. */
  withinMs: number
  log: Log
  clock?: Clock
  /** How a deadline is waited for. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

type Step = {
  name: string
  withinMs: number
  /** Whether it is run at the same time as the step that was added before it. */
  alongside: boolean
  stop: (withinMs: number) => PromiseLike<void> | void
}

/** A step that cuts what runs at its deadline needs a moment to end after it. */
const toleranceMs = 500

/** For steps that only wait for something outside that may be gone: it costs the shutdown no more than this. */
export const briefly = { withinMs: 2000 }

/**
 * What a process undoes at its end: the steps run one after another, the last added first; those that were added
 * `alongside` the one before them run together with it. Each has its own deadline and what is left of the common one,
 * whichever is smaller, and is told of it. A step that fails, or does not end in time, is named in the log, and the next
 * ones still run; the disposal then fails, so that the process ends with code 1.
 */
export class StopSequence implements AsyncDisposable {
  readonly #steps: Step[] = []
  readonly #options: Required<StopSequenceOptions>
  #stopping: Promise<void> | undefined

  constructor(options: StopSequenceOptions) {
    this.#options = { clock: steadyClock, wait: sleep, ...options }
  }

  add(
    name: string,
    stop: Step['stop'],
    { withinMs = Number.POSITIVE_INFINITY, alongside = false }: { withinMs?: number; alongside?: boolean } = {},
  ): void {
    this.#steps.push({ name, withinMs, alongside, stop })
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const { clock, withinMs, log } = this.#options
    const endsAt = clock.now().getTime() + withinMs
    const troubled: string[] = []
    for (const group of inGroups(this.#steps)) {
      const leftMs = Math.max(0, endsAt - clock.now().getTime())
      const running = group.map(async (step) => {
        const problem = await this.#run(step, Math.min(step.withinMs, leftMs))
        if (problem === undefined) return
        troubled.push(step.name)
        log.error({ step: step.name, problem }, 'a step of the shutdown failed')
      })
      await Promise.all(running)
    }
    if (troubled.length > 0) throw new Error(`the shutdown was not clean: ${troubled.join(', ')}`)
  }

  /** What went wrong, as text. */
  async #run({ stop }: Step, withinMs: number): Promise<string | undefined> {
    const ended = new AbortController()
    const patienceMs = withinMs + toleranceMs
    const late = this.#options.wait(patienceMs, ended.signal).then(() => `it has not ended within ${withinMs} ms`)
    try {
      return await Promise.race([stopped(stop, withinMs), late])
    } finally {
      ended.abort()
    }
  }
}

/** In the order of stopping. */
function inGroups(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = []
  for (const step of steps) {
    const last = groups.at(-1)
    if (step.alongside && last) last.unshift(step)
    else groups.push([step])
  }
  return groups.toReversed()
}

async function stopped(stop: Step['stop'], withinMs: number): Promise<string | undefined> {
  try {
    await stop(withinMs)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
