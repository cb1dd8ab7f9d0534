import { Refusal } from '../../platform/errors.ts'
import type { ResourceClient } from '../../platform/kubernetes/client.ts'
import { findCondition, isTrue } from '../../platform/kubernetes/conditions.ts'
import { keyText, type ObjectKey } from '../../platform/kubernetes/objects.ts'
import { isNewer } from '../../platform/kubernetes/versions.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { type Game, wakeAnnotation } from '../../resources/index.ts'
import { fieldManager, findGame } from './games.ts'
import { wakeMetrics } from './metrics.ts'

type EnginePlace = { endpoint: string; epoch: number }

export type WakesPorts = {
  games: Pick<ResourceClient<Game>, 'get' | 'patch'>
  /** Games as the watch shows them: on every replica, whoever leads. */
  cached: (key: ObjectKey) => Game | undefined
  follow: (listener: (key: ObjectKey, game: Game | undefined) => void) => Disposable
  /** Callers that wait at once, for whichever games. */
  maxHeld: number
  metrics: Metrics
  now: () => Date
}

export type Wakes = ReturnType<typeof createWakes>

type WakeOptions = { timeoutMs: number; signal?: AbortSignal | undefined }

type Wake = { engine: Promise<EnginePlace>; callers: number; end: AbortController }

/**
 * Holds callers until the engines that they ask for are healthy. The wish is an annotation, so that any replica may take
 * it and the leader, whoever that is by then, acts on it. Callers of one game share one wish; each has a deadline of its
 * own.
 */
export function createWakes({ games, cached, follow, maxHeld, metrics, now }: WakesPorts) {
  const wakes = new Map<string, Wake>()
  const count = wakeMetrics(metrics)
  let held = 0
  return { wake }

  /** @throws Refusal `game_not_found`, `game_stopped`, `engine_start_failed`, `wake_queue_full`, `wake_timeout` */
  async function wake(key: ObjectKey, options: WakeOptions): Promise<EnginePlace> {
    try {
      const place = await hold(key, options)
      count.answered()
      return place
    } catch (error) {
      count.failed(error, options.signal?.aborted ?? false)
      throw error
    }
  }

  async function hold(key: ObjectKey, { timeoutMs, signal }: WakeOptions): Promise<EnginePlace> {
    if (held >= maxHeld) {
      throw again('wake_queue_full', 'Too many callers wait for engines to wake already.')
    }
    held += 1
    const joined = join(key)
    try {
      return await endedBy(
        joined.engine,
        AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
      )
    } finally {
      held -= 1
      leave(key, joined)
    }
  }

  function join(key: ObjectKey): Wake {
    const known = wakes.get(keyText(key))
    if (known) {
      known.callers += 1
      return known
    }
    const end = new AbortController()
    const begun: Wake = { engine: awaken(key, end.signal), callers: 1, end }
    wakes.set(keyText(key), begun)
    const forget = () => wakes.get(keyText(key)) === begun && wakes.delete(keyText(key))
    begun.engine.then(forget, forget)
    return begun
  }

  /** Nobody watches for an engine that nobody waits for; the wish stays, and the engine comes up all the same. */
  function leave(key: ObjectKey, left: Wake): void {
    left.callers -= 1
    if (left.callers > 0) return
    left.end.abort()
    if (wakes.get(keyText(key)) === left) wakes.delete(keyText(key))
  }

  async function awaken(key: ObjectKey, signal: AbortSignal): Promise<EnginePlace> {
    const asked = await ask(key)
    const { promise, resolve, reject } = Promise.withResolvers<EnginePlace>()
    /**
     * The wish and the status are fields of one object, and the controller writes a status only over the version that it
     * has read. So a Game that is Ready at the wish's version, or later, stays so for a while: whoever wanted to put it
     * to sleep has seen the wish, or has been refused.
     */
    const look = (game: Game | undefined) => {
      if (!game || game.metadata.uid !== asked.metadata.uid) return
      if (isNewer(asked.metadata.resourceVersion, game.metadata.resourceVersion)) return
      const place = placeOf(game)
      if (place) resolve(place)
      else if (isOut(game)) reject(stopped(key))
      else if (hasFailed(game)) reject(startFailed(key))
    }
    using _following = follow((changed, game) => {
      if (changed.name !== key.name || changed.namespace !== key.namespace) return
      if (game) look(game)
      else reject(stopped(key))
    })
    signal.addEventListener('abort', () => reject(late()), { once: true })
    if (signal.aborted) throw late()
    look(asked)
    look(cached(key))
    return await promise
  }

  /** The Game with the wish in it. One that never sleeps is only waited for. */
  async function ask(key: ObjectKey): Promise<Game> {
    const game = await findGame(games, key)
    if (isOut(game)) throw stopped(key)
    if (!game.spec.hibernation) return game
    const annotations = { [wakeAnnotation]: now().toISOString() }
    return games.patch(key, { metadata: { uid: game.metadata.uid, annotations } }, { fieldManager })
  }
}

function placeOf({ status }: Game): EnginePlace | undefined {
  const { endpoint, epoch } = status.engine ?? {}
  if (!isTrue(status.conditions ?? [], 'Ready') || endpoint === undefined || epoch === undefined) return undefined
  return { endpoint, epoch }
}

/** No engine comes up for this one, however long anybody waits. */
function isOut({ metadata, spec }: Game): boolean {
  return metadata.deletionTimestamp !== undefined || spec.runState === 'Stopped'
}

/** Reasons of EngineReady that no engine comes up soon: its start is only tried again after a pause, or not at all. */
const failedReasons = new Set(['BackOff', 'Unschedulable', 'NoEngineVersion', 'InvalidSpec', 'StateLost'])

function hasFailed({ status }: Game): boolean {
  return failedReasons.has(findCondition(status.conditions ?? [], 'EngineReady')?.reason ?? '')
}

/** Why stands in the conditions of the Game. */
function startFailed(key: ObjectKey): Refusal {
  return again('engine_start_failed', `The engine of game ${keyText(key)} does not start.`)
}

function again(reason: string, message: string): Refusal {
  return new Refusal('unavailable', reason, message, { details: { retry_after_ms: 2000 } })
}

function stopped(key: ObjectKey): Refusal {
  return new Refusal('conflict', 'game_stopped', `Game ${keyText(key)} is stopped or being deleted.`)
}

function late(): Refusal {
  return new Refusal('late', 'wake_timeout', 'The engine was not healthy in time.')
}

async function endedBy<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const end = () => reject(late())
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
