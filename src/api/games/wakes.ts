import type { EngineAddress } from '../../engine-contract/index.ts'
import { isTrue } from '../../platform/kubernetes/conditions.ts'
import { keyOf } from '../../platform/kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import type { Game } from '../../resources/index.ts'
import type { ControllerClient } from './controller-client.ts'
import { engineNotReady, tooManyWaiting } from './engine-refusal.ts'

export type WakesNeeds = {
  /** Absent: nobody can be asked to wake an engine. */
  controller: Pick<ControllerClient, 'wake'> | undefined
  log: Log
  /** Calls that wait at once, of whichever games. */
  maxHeld?: number
}

/** One wish for an engine is kept up so long, whoever waits for it. */
const wishMs = 20_000

/** Wakes hibernated engines. Calls of one game share one wish, and each waits for as long as its own caller does. */
export function createWakes({ controller, log, maxHeld = 1000 }: WakesNeeds) {
  const wishes = new Map<string, Promise<EngineAddress | undefined>>()
  let held = 0

  /** @throws Refusal `engine_not_ready` when it is not healthy in time, or cannot be woken; `wake_queue_full` */
  return async function wake(game: Game, timeoutMs: number): Promise<EngineAddress> {
    if (!controller || !canWake(game) || timeoutMs <= 0) throw engineNotReady()
    if (held >= maxHeld) throw tooManyWaiting()
    held += 1
    try {
      const engine = await within(timeoutMs, wishes.get(game.metadata.uid) ?? wish(controller, game))
      if (!engine) throw engineNotReady()
      return engine
    } finally {
      held -= 1
    }
  }

  /** Never rejects: those who share it have different deadlines, and may all have gone. */
  function wish(client: NonNullable<typeof controller>, game: Game): Promise<EngineAddress | undefined> {
    const { uid, name, namespace } = game.metadata
    const engine = client
      .wake(keyOf(game), wishMs)
      .then((place): EngineAddress => ({ ...place, gameId: uid }))
      .catch((error: unknown) => {
        log.warn({ err: error, game: { uid, name, namespace } }, 'an engine could not be woken for a player')
        return undefined
      })
      .finally(() => wishes.delete(uid))
    wishes.set(uid, engine)
    return engine
  }
}

/** One that sleeps, or is on its way; where engines never sleep, one that is not ready is refused at once. */
function canWake({ spec, status }: Game): boolean {
  return Boolean(spec.hibernation) && spec.runState !== 'Stopped' && isTrue(status.conditions ?? [], 'Initialized')
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), timeoutMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
