import { sleep } from '../../platform/clock.ts'
import { canonicalJson } from '../../platform/json.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import type { EventRecorder } from '../../platform/kubernetes/events.ts'
import type { Informer } from '../../platform/kubernetes/informer.ts'
import { failedWith, KubernetesError } from '../../platform/kubernetes/errors.ts'
import { keyOf, type ObjectKey } from '../../platform/kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import { noteInLog } from '../../platform/log-fields.ts'
import type { Game } from '../../resources/index.ts'
import type { Reconcile } from '../operator/index.ts'
import type { Action, GameEvent, Plan } from './action.ts'
import { fieldManager } from './apply.ts'
import { createTroubles, withoutTrouble } from './host-trouble.ts'
import type { GameMetrics } from './metrics.ts'
import type { Observation } from './observation.ts'
import { plan } from './plan.ts'
import type { Policy } from './policy.ts'
import { type Outcome, settle } from './settle.ts'

export type ReconcilePorts = {
  observe: (key: ObjectKey, signal: AbortSignal) => Promise<Observation | undefined>
  apply: (game: Game, action: Action, signal: AbortSignal) => Promise<Outcome | undefined>
  games: Pick<ResourceClient<Game>, 'replaceStatus' | 'get'>
  cache: Pick<Informer<Game>, 'fetched' | 'written'>
  events: EventRecorder
  metrics: GameMetrics
  policy: Policy
  log: Log
  now: () => Date
}

/** A pass that needs more steps than this goes on in the next one, so that no game holds a worker for ever. */
const maxSteps = 12

/** Writes that one pass may lose: after more of them the queue waits, longer each time, and the error is counted. */
const maxConflicts = 2

/** What is over sooner is not told of while it lasts: each write costs the API server, its watchers and us more. */
const briefMs = 1000

/** What was planned before actions that were over so soon that it was not worth a write; the next one has it. */
type Unwritten = Pick<Plan, 'status' | 'events'>

type Acted = { outcomes: readonly Outcome[]; ended: boolean }

/**
 * Level-based: observe, plan, act, and again until nothing is left to do now. What became of an action is settled
 * together with the plan that follows from it, in one write: a process that dies in between finds it out again.
 */
export function createGameReconciler(ports: ReconcilePorts): Reconcile {
  const { observe, policy, now } = ports
  const write = createStatusWriter(ports)
  const act = createActor(ports)
  const troubles = createTroubles({ ...ports, write })

  return async function reconcile(key, signal) {
    try {
      const result = await pass(key, signal)
      troubles.over(key)
      return result
    } catch (error) {
      if (!signal.aborted) await troubles.noted(key, error)
      throw error
    }
  }

  async function pass(key: ObjectKey, signal: AbortSignal): ReturnType<Reconcile> {
    let outcomes: readonly Outcome[] = []
    let unwritten: Unwritten | undefined
    let [conflicts, writes] = [0, 0]
    for (let step = 0; step < maxSteps; step += 1) {
      const observation = await observe(key, signal)
      if (!observation) return {}
      const status = unwritten?.status ?? observation.game.status
      const settled = settleAll({ ...observation.game, status }, outcomes, now())
      const planned = signal.aborted ? rest(settled.game) : decide({ ...observation, game: settled.game })
      const events = [...(unwritten?.events ?? []), ...settled.events, ...planned.events]
      // Actions that only repeat what is true anyway need no record of them first.
      const isEarly = planned.actions.length > 0 && planned.actions.every(isHarmless)
      const early = isEarly ? act(settled.game, planned.actions, signal) : undefined
      const brief = await endedWell(early, briefMs)
      if (brief) {
        unwritten = { status: planned.status, events }
        outcomes = brief
        continue
      }
      const [game, done] = await Promise.all([write(observation.game, { status: planned.status, events }), early])
      if (game instanceof KubernetesError) {
        conflicts += 1
        if (conflicts > maxConflicts) throw game
        // Somebody else has just written: look again, with what is still to be settled.
        outcomes = [...outcomes, ...(done?.outcomes ?? [])]
        continue
      }
      unwritten = undefined
      writes += 1
      if (signal.aborted) return {}
      const acted = done ?? (await act(game, planned.actions, signal))
      if (acted.ended) return {}
      outcomes = acted.outcomes
      if (planned.actions.length === 0) return { requeueAfterMs: waitMs(planned.againAt, now()) }
    }
    // Not at once: nothing that the next pass finds is other than what this one has found.
    if (writes === 0) throw new Error('a pass of many steps comes to no end')
    return { requeueAfterMs: 0 }
  }

  function decide(observation: Observation): Plan {
    return withoutTrouble(observation.game, plan(observation, policy), observation.now)
  }
}

/** A second pull finds the image there, a second init finds the game created, and waiting changes nothing. */
function isHarmless({ do: what }: Action): boolean {
  return what === 'pull' || what === 'init' || what === 'awaitHealthy'
}

/** The outcomes of actions that are over within that time, none of them badly; undefined otherwise. */
async function endedWell(early: Promise<Acted> | undefined, withinMs: number): Promise<readonly Outcome[] | undefined> {
  const over = new AbortController()
  const done = await Promise.race([early, sleep(withinMs, over.signal)])
  over.abort()
  return done?.outcomes.every(({ of }) => of !== 'failed') ? done.outcomes : undefined
}

function settleAll(game: Game, outcomes: readonly Outcome[], now: Date) {
  return outcomes.reduce<{ game: Game; events: readonly GameEvent[] }>(
    (sum, outcome) => {
      const { status, events } = settle(sum.game, outcome, now)
      return { game: { ...sum.game, status }, events: [...sum.events, ...events] }
    },
    { game, events: [] },
  )
}

function rest({ status }: Game): Plan {
  return { status, events: [], actions: [], againAt: undefined }
}

function waitMs(againAt: Date | undefined, now: Date): number | undefined {
  return againAt && Math.max(0, againAt.getTime() - now.getTime())
}

/** Does the actions in order, up to the first that fails. `ended`: the game itself may be gone now. */
function createActor({ apply, metrics, log }: ReconcilePorts) {
  return async function act(game: Game, actions: readonly Action[], signal: AbortSignal): Promise<Acted> {
    const outcomes: Outcome[] = []
    for (const action of actions) {
      const outcome = await apply(game, action, signal)
      if (outcome) {
        metrics.outcome(action, outcome)
        outcomes.push(outcome)
      }
      if (outcome?.of === 'failed') {
        log.warn({ game: game.metadata.name, action: action.do, reason: outcome.reason }, outcome.message)
        return { outcomes, ended: false }
      }
      if (action.do === 'releaseFinalizer' || action.do === 'deleteGame') return { outcomes, ended: true }
    }
    return { outcomes, ended: false }
  }
}

/**
 * Writes the status if it changed; tells its events only once it is written, so that none is told twice.
 * The conflict when another wrote first: the cache has been given what is there now.
 */
function createStatusWriter({ games, cache, events, metrics, log }: ReconcilePorts) {
  return async function write(game: Game, { status, events: told }: Pick<Plan, 'status' | 'events'>) {
    // Its events may tell of the end of one turn, and what is done next begin another.
    noteInLog({ turn: game.status.turn?.running ?? status.turn?.running ?? undefined })
    const changed = canonicalJson(status) !== canonicalJson(game.status)
    const written = changed ? await replace({ ...game, status }) : game
    if (written instanceof KubernetesError) return written
    if (changed) {
      cache.written(written)
      metrics.transition(game, written)
    }
    for (const event of told) {
      events.record(written, event)
      log.info({ game: game.metadata.name, namespace: game.metadata.namespace, reason: event.reason }, event.message)
    }
    noteInLog({ turn: status.turn?.running ?? undefined })
    return written
  }

  async function replace(game: Game): Promise<Game | KubernetesError> {
    try {
      return await games.replaceStatus(game, { fieldManager })
    } catch (error) {
      if (!(error instanceof KubernetesError) || !failedWith(error, 'Conflict')) throw error
      const latest = await games.get(keyOf(game))
      if (latest) cache.fetched(latest, game)
      return error
    }
  }
}
