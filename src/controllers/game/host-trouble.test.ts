import { describe, expect, it } from 'vitest'
import { findCondition } from '../../platform/kubernetes/conditions.ts'
import { Game, reconcileAnnotation } from '../../resources/index.ts'
import { HostError } from '../hosts/index.ts'
import type { Action, Plan } from './action.ts'
import { aGame, aReadyGame, noon } from './fixtures.ts'
import { createTroubles, withoutTrouble } from './host-trouble.ts'

const key = { namespace: 'default', name: 'andromeda' }
const unavailable = (message = 'Pod galaxy-game-andromeda has not ended') => new HostError('HostUnavailable', message)

function watched(stored: Game = aReadyGame()) {
  const world = { game: stored, at: noon.getTime(), events: [] as string[], writes: 0 }
  const troubles = createTroubles({
    games: { get: async () => world.game },
    write: async (game, { status, events }) => {
      world.game = Game.parse(JSON.parse(JSON.stringify({ ...game, status })))
      world.events.push(...events.map(({ reason }) => reason))
      world.writes += 1
    },
    now: () => new Date(world.at),
    elapsedMs: () => world.at,
  })
  const failAt = (seconds: number, error: Error = unavailable()) => {
    world.at = noon.getTime() + seconds * 1000
    return troubles.noted(key, error)
  }
  return { world, failAt, over: () => troubles.over(key) }
}

const degraded = ({ status }: Pick<Game, 'status'>) => findCondition(status.conditions ?? [], 'Degraded')

describe('a host that does not do what a game needs', () => {
  it('is told of when that has lasted, once, with the newest reason', async () => {
    const { world, failAt } = watched()
    await failAt(0)
    await failAt(29)
    expect(world.writes).toBe(0)
    await failAt(30)
    await failAt(90, unavailable('the API server does not answer'))
    expect(degraded(world.game)).toMatchObject({
      status: 'True',
      reason: 'HostUnavailable',
      message: 'the API server does not answer',
    })
    expect(world.events).toEqual(['HostUnavailable'])
  })

  it('is told of games that are being deleted, too', async () => {
    const game = aReadyGame({ metadata: { deletionTimestamp: noon.toISOString() } })
    const { world, failAt } = watched(game)
    await failAt(0)
    await failAt(35)
    expect(degraded(world.game)?.reason).toBe('HostUnavailable')
  })

  it('is not told of where a pass in between went well', async () => {
    const { world, failAt, over } = watched()
    await failAt(0)
    over()
    await failAt(31)
    expect(world.writes).toBe(0)
  })

  it('is not told of where something else has failed, or the controller is to leave the game alone', async () => {
    const { world, failAt } = watched()
    await failAt(0, new Error('conflict'))
    await failAt(60, new Error('conflict'))
    expect(world.writes).toBe(0)
    const alone = watched(aGame({ metadata: { annotations: { [reconcileAnnotation]: 'disabled' } } }))
    await alone.failAt(0)
    await alone.failAt(60)
    expect(alone.world.writes).toBe(0)
  })

  it('is no trouble any more when nothing is left to do, and not before', async () => {
    const { world, failAt } = watched()
    await failAt(0)
    await failAt(60)
    const planned = (...actions: Action[]): Plan => {
      return { status: world.game.status, events: [], actions, againAt: undefined }
    }
    expect(withoutTrouble(world.game, planned({ do: 'stop' }), noon)).toEqual(planned({ do: 'stop' }))
    expect(degraded(withoutTrouble(world.game, planned(), noon))).toMatchObject({ status: 'False' })
  })

  it('takes away no other trouble', () => {
    const game = aReadyGame()
    const planned: Plan = { status: game.status, events: [], actions: [], againAt: undefined }
    expect(withoutTrouble(game, planned, noon)).toBe(planned)
  })
})
