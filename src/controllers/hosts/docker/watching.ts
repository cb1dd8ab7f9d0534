import { createInterface } from 'node:readline'
import { z } from 'zod'
import { backoffMs } from '../../../platform/backoff.ts'
import { sleep } from '../../../platform/clock.ts'
import { messageOf } from '../../../platform/errors.ts'
import type { Log } from '../../../platform/log.ts'
import type { GameRef } from '../port.ts'
import type { Daemon } from './daemon.ts'
import { gameOf, labelFilter } from './names.ts'
import type { Engine } from './reading.ts'

const Event = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
})

const actions = ['start', 'die', 'destroy', 'pause', 'unpause']
const retry = { baseMs: 100, maxMs: 5000 }

export type WatchNeeds = { daemon: Daemon; list: () => Promise<readonly Engine[]>; log: Log }

/**
 * Tells whoever listens what starts, ends and vanishes: by the daemon's events and, because a stream that broke may have
 * missed some, by comparing all engines with what was known each time one is opened.
 */
export function createWatch({ daemon, list, log }: WatchNeeds) {
  const listeners = new Set<(game: GameRef) => void>()
  const known = new Map<string, { game: GameRef; running: boolean }>()
  const stopping = new AbortController()
  const done = run()
  return { listen, stop }

  function listen(onChange: (game: GameRef) => void): Disposable {
    // Wrapped, so that one function may listen twice.
    const listener = (game: GameRef) => onChange(game)
    listeners.add(listener)
    return { [Symbol.dispose]: () => listeners.delete(listener) }
  }

  async function stop(): Promise<void> {
    listeners.clear()
    stopping.abort()
    await done
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      const opened = await follow().catch((error: unknown) => {
        if (failures === 0 && !stopping.signal.aborted) log.warn(`the Docker daemon tells nothing: ${messageOf(error)}`)
        return false
      })
      failures = opened ? 1 : failures + 1
      await sleep(backoffMs(failures, retry), stopping.signal)
    }
  }

  /** Tells of all that happens until the stream ends; true when it was open. */
  async function follow(): Promise<boolean> {
    const filters = { ...labelFilter(), type: ['container' as const], event: actions }
    const stream = await daemon.getEvents({ filters, abortSignal: stopping.signal })
    await compare()
    try {
      for await (const line of createInterface({ input: stream })) note(line)
    } catch (error) {
      if (!stopping.signal.aborted) log.info(`the Docker daemon's events broke off: ${messageOf(error)}`)
    }
    return true
  }

  function note(line: string): void {
    if (line.trim() === '') return
    const { Action, Actor } = Event.parse(JSON.parse(line))
    const game = gameOf(Actor.Attributes)
    if (!game) return
    if (Action === 'destroy') known.delete(Actor.ID)
    else known.set(Actor.ID, { game, running: Action !== 'die' })
    tell(game)
  }

  async function compare(): Promise<void> {
    const now = new Map((await list()).map(({ id, game, state }) => [id, { game, running: state === 'running' }]))
    for (const [id, { game, running }] of now) if (known.get(id)?.running !== running) tell(game)
    for (const [id, { game }] of known) if (!now.has(id)) tell(game)
    known.clear()
    for (const [id, each] of now) known.set(id, each)
  }

  function tell(game: GameRef): void {
    for (const listener of listeners) {
      try {
        listener(game)
      } catch (error) {
        log.warn(`a listener failed: ${messageOf(error)}`)
      }
    }
  }
}
