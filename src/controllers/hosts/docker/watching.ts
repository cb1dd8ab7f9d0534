import { z } from 'zod'
import { backoffMs } from '../../../platform/backoff.ts'
import { sleep } from '../../../platform/clock.ts'
import { messageOf } from '../../../platform/errors.ts'
import type { Log } from '../../../platform/log.ts'
import type { GameRef } from '../port.ts'
import type { Daemon } from './daemon.ts'
import { linesOf } from './lines.ts'
import { gameOf, labelFilter } from './names.ts'
import type { Listing } from './reading.ts'

const Event = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
})

const actions = ['start', 'die', 'destroy', 'pause', 'unpause']
const retry = { baseMs: 100, maxMs: 5000 }

export type WatchNeeds = { daemon: Daemon; list: () => Promise<readonly Listing[]>; log: Log }

/**
 * Tells whoever listens what starts, ends and vanishes: by the daemon's events and, because a stream that broke may have
 * missed some, of all engines each time one is opened.
 */
export function createWatch({ daemon, list, log }: WatchNeeds) {
  const listeners = new Set<(game: GameRef) => void>()
  /** By the containers' ids. */
  const known = new Map<string, GameRef>()
  const stopping = new AbortController()
  let isAway = false
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
      const opened = await follow().catch(noteAway)
      failures = opened ? 1 : failures + 1
      await sleep(backoffMs(failures, retry), stopping.signal)
    }
  }

  function noteAway(error: unknown): false {
    if (!isAway && !stopping.signal.aborted) log.warn(`the Docker daemon tells nothing: ${messageOf(error)}`)
    isAway = true
    return false
  }

  /** Tells of all that happens until the stream ends; true when it was open. */
  async function follow(): Promise<true> {
    const filters = { ...labelFilter(), type: ['container' as const], event: actions }
    const leaving = new AbortController()
    const abortSignal = AbortSignal.any([stopping.signal, leaving.signal])
    try {
      const stream = await daemon.getEvents({ filters, abortSignal })
      await tellAll()
      if (isAway) log.info('the Docker daemon is there again')
      isAway = false
      await noteAll(stream)
      return true
    } finally {
      // However it went: a stream that nobody reads would stay open.
      leaving.abort()
    }
  }

  async function noteAll(stream: NodeJS.ReadableStream): Promise<void> {
    try {
      for await (const line of linesOf(stream)) note(line)
    } catch (error) {
      if (!stopping.signal.aborted) log.info(`the Docker daemon's events broke off: ${messageOf(error)}`)
    }
  }

  function note(line: string): void {
    const { Action, Actor } = Event.parse(JSON.parse(line))
    const game = gameOf(Actor.Attributes, Actor.Attributes['name'])
    if (!game) return
    if (Action === 'destroy') known.delete(Actor.ID)
    else known.set(Actor.ID, game)
    tell(game)
  }

  /** Tells of every engine that there is or was: whoever asked in vain meanwhile need not wait to ask again. */
  async function tellAll(): Promise<void> {
    const now = new Map((await list()).map(({ id, game }) => [id, game]))
    const all = new Map([...known, ...now])
    known.clear()
    for (const [id, game] of now) known.set(id, game)
    for (const game of all.values()) tell(game)
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
