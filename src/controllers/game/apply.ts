import { sleep } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import { failedWith } from '../../platform/kubernetes/errors.ts'
import type { Informer } from '../../platform/kubernetes/informer.ts'
import { keyOf } from '../../platform/kubernetes/objects.ts'
import { inSpan } from '../../platform/telemetry/index.ts'
import { type EngineClient, EngineError } from '../../engine-contract/index.ts'
import { engineFinalizer, type Game } from '../../resources/index.ts'
import { type Host, HostError } from '../hosts/index.ts'
import type { Action, EngineTarget } from './action.ts'
import { gameRef, pullAccess } from './objects.ts'
import type { Outcome } from './settle.ts'

export const fieldManager = 'galaxy-controller'

export type ApplyPorts = {
  games: ResourceClient<Game>
  cache: Pick<Informer<Game>, 'written'>
  host: Host
  engines: EngineClient
  limits: { callTimeoutMs: number; turnTimeoutMs: number; stopGraceMs: number }
  now: () => Date
}

/**
 * Does one action. Failures that are the game's own (a bad image, an engine that refuses) come back as an outcome for
 * its status; failures of the platform's surroundings are thrown, and the queue backs off.
 */
export function createApply({ games, cache, host, engines, limits, now }: ApplyPorts) {
  return async function apply(game: Game, action: Action, signal: AbortSignal): Promise<Outcome | undefined> {
    try {
      const attributes = action.do === 'runTurn' ? { 'galaxy.turn': action.turn } : {}
      return await inSpan(`action ${action.do}`, { attributes }, () => act(game, action, signal))
    } catch (error) {
      // Whatever a cut does to an action is no failure of the game's. Turns are not cut.
      if (signal.aborted && action.do !== 'runTurn') throw error
      const failed = await failure(game, action, error)
      if (!failed) throw error
      return failed
    }
  }

  async function act(game: Game, action: Action, signal: AbortSignal): Promise<Outcome | undefined> {
    const startedAt = performance.now()
    const tookMs = () => Math.round(performance.now() - startedAt)
    const ref = gameRef(game)
    switch (action.do) {
      case 'addFinalizer':
        await setFinalizers(game, [...game.metadata.finalizers, engineFinalizer])
        return undefined
      case 'releaseFinalizer':
        await setFinalizers(
          game,
          game.metadata.finalizers.filter((each) => each !== engineFinalizer),
        )
        return undefined
      case 'deleteGame':
        await games.remove(keyOf(game), { uid: ref.uid, propagation: 'Background' })
        return undefined
      case 'pull': {
        const pulled = await host.pull(action.image, signal, pullAccess(game))
        // The host goes on with it, and is asked about it when the game is looked at next.
        if ('unschedulable' in pulled) return undefined
        return { of: 'pull', image: action.image, ...pulled, tookMs: tookMs() }
      }
      case 'start':
        return { of: 'start', instance: await host.start(action.spec, signal) }
      case 'awaitHealthy':
        await awaitHealthy(game, action.engine, action.deadline, signal)
        return undefined
      case 'init':
        await engines.init(action.engine, action.body, { timeoutMs: limits.callTimeoutMs, signal })
        return undefined
      case 'runTurn':
        await runTurn(action.engine, action.turn)
        return { of: 'runTurn', turn: action.turn, tookMs: tookMs() }
      case 'annotate':
        await host.annotate?.(ref, { safeToEvict: action.safeToEvict })
        return undefined
      case 'growData':
        await host.growData?.(ref, action.size)
        return { of: 'growData', size: action.size }
      case 'stop':
        await host.stop(ref, { graceMs: limits.stopGraceMs })
        return undefined
      case 'removeEngine':
        await host.remove(ref)
        return undefined
      case 'removeData':
        await host.removeData(ref)
        return undefined
    }
  }

  /** A turn is not cut off when the process stops: it is short, and it would only be run again. */
  async function runTurn(engine: EngineTarget, turn: number): Promise<void> {
    await engines.turn(engine, turn, { timeoutMs: limits.turnTimeoutMs })
    const status = await engines.status(engine, { timeoutMs: limits.callTimeoutMs })
    if (status.turn !== turn) {
      throw new EngineError('nonsense', `the engine generated turn ${turn} but says that it stands at ${status.turn}`)
    }
  }

  async function setFinalizers(game: Game, finalizers: readonly string[]): Promise<void> {
    const { resourceVersion, uid } = game.metadata
    const change = { metadata: { finalizers, resourceVersion, uid } }
    try {
      cache.written(await games.patch(keyOf(game), change, { fieldManager }))
    } catch (error) {
      // Gone already: the cache has not been told yet.
      if (!failedWith(error, 'NotFound')) throw error
    }
  }

  /** Returns when there is something to see: it is healthy, it has ended, it answers nonsense, or time is up. */
  async function awaitHealthy(game: Game, engine: EngineTarget, deadline: Date, signal: AbortSignal): Promise<void> {
    const since = performance.now()
    const withinMs = deadline.getTime() - now().getTime()
    for (let round = 0; performance.now() - since < withinMs && !signal.aborted; round += 1) {
      if ((await engines.isListening(engine)) && (await isAnswered(engine, signal))) return
      if (round % 8 === 7) {
        const found = await host.find(gameRef(game))
        if (!found.some(({ ref, state }) => ref === engine.ref && state === 'running')) return
      }
      await sleep(pauseMs(performance.now() - since), signal)
    }
  }

  /** Well or nonsense: both end the wait. */
  async function isAnswered(engine: EngineTarget, signal: AbortSignal): Promise<boolean> {
    try {
      await engines.healthz(engine, { timeoutMs: 1000, signal })
      return true
    } catch (error) {
      return error instanceof EngineError && error.failure === 'nonsense'
    }
  }

  async function failure(game: Game, action: Action, error: unknown): Promise<Outcome | undefined> {
    const known = reasonOf(action, error)
    if (!known) return undefined
    // An engine that does not come back from creating its game never will: another one may.
    const engineEnded = action.do === 'init' && error instanceof EngineError && error.failure !== 'refused'
    if (engineEnded) await host.stop(gameRef(game), { graceMs: limits.stopGraceMs })
    return { of: 'failed', action, reason: known, message: messageOf(error), engineEnded }
  }
}

/** A share of the wait so far: hundreds of engines that start at once need the processor more than being asked. */
function pauseMs(waitedMs: number): number {
  return Math.min(250, Math.max(20, waitedMs / 8))
}

function reasonOf(action: Action, error: unknown): string | undefined {
  // An engine that cannot be annotated is none the worse for it.
  if (action.do === 'annotate') return undefined
  if (error instanceof HostError) return error.failure === 'HostUnavailable' ? undefined : error.failure
  if (!(error instanceof EngineError)) return undefined
  if (action.do === 'runTurn') return 'TurnFailed'
  return error.failure === 'refused' ? 'InitRefused' : 'InitFailed'
}
