import { describe, expect, it } from 'vitest'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'
import type { Action } from './action.ts'
import { type ApplyPorts, createApply } from './apply.ts'
import { aGame, noon } from './fixtures.ts'

/** Over an API server that answers each patch so. */
function applying(answer: KubernetesError) {
  const ports: Partial<ApplyPorts> = {
    games: { patch: () => Promise.reject(answer) } as Partial<ApplyPorts['games']> as ApplyPorts['games'],
    cache: { written: () => undefined },
    now: () => noon,
  }
  const apply = createApply(ports as ApplyPorts)
  return (action: Action) => apply(aGame(), action, new AbortController().signal)
}

describe('letting go of a game', () => {
  it('is done when the game is gone already, though the cache does not know it yet', async () => {
    const apply = applying(new KubernetesError(404, 'NotFound', 'games.galaxy.dev "andromeda" not found'))
    expect(await apply({ do: 'releaseFinalizer' })).toBeUndefined()
  })

  it('is tried again when somebody else has just written', async () => {
    const apply = applying(new KubernetesError(409, 'Conflict', 'modified'))
    await expect(apply({ do: 'releaseFinalizer' })).rejects.toThrow('modified')
  })
})
