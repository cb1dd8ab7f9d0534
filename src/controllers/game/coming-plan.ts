import { findCondition } from '../../platform/kubernetes/conditions.ts'
import { type EngineInstance, specHash } from '../hosts/index.ts'
import type { Plan } from './action.ts'
import { type Draft, notReady } from './draft.ts'
import { engineSpec } from './objects.ts'
import type { Observation } from './observation.ts'

/** The engine that was made for the game as it is, and does not run yet. */
export function comingEngine({ game, engines }: Observation, draft: Draft, image: string): EngineInstance | undefined {
  const { epoch } = draft.current().engine
  const hash = specHash(engineSpec(game, image, 0))
  return engines.find((each) => each.state === 'starting' && each.epoch >= epoch && each.specHash === hash)
}

/**
 * It is waited for, by asking for its start under its own epoch. One that no machine has room for starts by itself when
 * there is one, which the host tells: until then nobody is held up, and nothing has failed.
 */
export function planComing({ game, runtime }: Observation, draft: Draft, coming: EngineInstance): Plan {
  const { epoch, image, unschedulable } = coming
  draft.phase('Starting')
  draft.engine({ epoch, runtime })
  if (unschedulable === undefined) {
    notReady(draft, 'Starting', 'the engine is starting')
    return draft.plan([{ do: 'start', spec: engineSpec(game, image, epoch) }], undefined)
  }
  const told = findCondition(game.status.conditions ?? [], 'EngineReady')?.reason === 'Unschedulable'
  if (!told) draft.event('Warning', 'Unschedulable', unschedulable)
  notReady(draft, 'Unschedulable', unschedulable)
  draft.condition('Degraded', true, 'Unschedulable', unschedulable)
  return draft.plan([], undefined)
}
