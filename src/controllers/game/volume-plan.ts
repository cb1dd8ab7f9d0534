import { findCondition } from '../../platform/kubernetes/conditions.ts'
import type { Game } from '../../resources/index.ts'
import { quantityValue } from '../hosts/index.ts'
import type { Action } from './action.ts'
import type { Draft } from './draft.ts'
import type { Observation } from './observation.ts'

/**
 * Tells what is wrong with the game's volume, and has it grow when the spec asks for more. Whatever comes of that, the
 * game goes on. Storage that has refused to grow is asked again when the spec changes.
 */
export function planVolume({ game, data }: Observation, draft: Draft): Action[] {
  if (!data) return []
  if (data.isBeingRemoved) {
    const message = 'the volume has been deleted: its data goes when the engine ends, so save it before'
    tellVolume(draft, game, 'BeingRemoved', message)
    return []
  }
  const size = String(game.spec.storage?.size ?? data.size)
  const more = quantityValue(size) - quantityValue(data.size)
  const before = volumeCondition(game)
  const isRefused = before?.reason === 'CannotGrow' && before.observedGeneration === game.metadata.generation
  if (more > 0) return isRefused ? [] : [{ do: 'growData', size }]
  if (more < 0) tellVolume(draft, game, 'CannotShrink', `the volume has ${data.size}, and stays so: none can shrink`)
  else if (before) draft.condition('VolumeReady', true, 'AsExpected', `the volume has ${data.size}`)
  return []
}

/** With an event when it is new. */
export function tellVolume(draft: Draft, game: Game, reason: string, message: string): void {
  if (volumeCondition(game)?.reason !== reason) draft.event('Warning', `Volume${reason}`, message)
  draft.condition('VolumeReady', false, reason, message)
}

function volumeCondition({ status }: Game) {
  return findCondition(status.conditions ?? [], 'VolumeReady')
}
