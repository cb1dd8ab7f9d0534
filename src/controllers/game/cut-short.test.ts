import { describe, expect, it } from 'vitest'
import { EngineError } from '../../engine-contract/index.ts'
import { HostError } from '../hosts/index.ts'
import type { Action } from './action.ts'
import { type ApplyPorts, createApply } from './apply.ts'
import { aGame, anEngine, noon } from './fixtures.ts'
import { engineSpec, engineTarget, initRequest } from './objects.ts'

const game = aGame()
const target = engineTarget(anEngine(game))
if (!target) throw new Error('the engine has an address')
const unreachable = new EngineError('unreachable', 'the call was aborted')

const actions: Action[] = [
  { do: 'pull', image: 'engine:1' },
  { do: 'start', spec: engineSpec(game, 'engine:1', 1) },
  { do: 'init', engine: target, body: initRequest(game) },
]

/** Over a host and an engine of which all that is asked breaks off when the signal fires, as it does when they fail. */
function applying(signal: AbortSignal) {
  const stopped: string[] = []
  const broken = (error: Error) => () =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(error)))
  const failed = new HostError('ImageUnavailable', 'it broke off')
  const host = { pull: broken(failed), start: broken(failed), stop: async () => void stopped.push('stop') }
  const engines = { init: broken(unreachable), turn: broken(unreachable) }
  const limits = { callTimeoutMs: 1, turnTimeoutMs: 1, stopGraceMs: 1 }
  const ports: Partial<Record<keyof ApplyPorts, unknown>> = { host, engines, limits, now: () => noon }
  return { apply: createApply(ports as ApplyPorts), stopped }
}

describe('an action that is cut short', () => {
  it.each(actions)('is no failure of the game: $do', async (action) => {
    const cut = new AbortController()
    const { apply, stopped } = applying(cut.signal)
    const acting = apply(game, action, cut.signal)
    cut.abort()
    await expect(acting).rejects.toBeInstanceOf(Error)
    // An engine that was creating its game is left for the next pass to judge.
    expect(stopped).toEqual([])
  })

  it('is never a turn: one that fails meanwhile is settled as an attempt', async () => {
    const cut = new AbortController()
    const { apply } = applying(cut.signal)
    const acting = apply(game, { do: 'runTurn', engine: target, turn: 5, dueAt: noon }, cut.signal)
    cut.abort()
    expect(await acting).toMatchObject({ of: 'failed', reason: 'TurnFailed' })
  })
})
