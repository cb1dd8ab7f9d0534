import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../platform/metrics.ts'
import type { Game } from '../../resources/index.ts'
import { aReadyGame, noon } from './fixtures.ts'
import { createGameMetrics } from './metrics.ts'

const at = (seconds: number) => new Date(noon.getTime() + seconds * 1000)

function not(reason: string): object {
  const { conditions = [] } = aReadyGame().status
  const since = noon.toISOString()
  const change = { status: 'False', reason, lastTransitionTime: since }
  return { conditions: conditions.map((each) => (each.type === 'Initialized' ? each : { ...each, ...change })) }
}

const asleep = (metadata: object = {}) =>
  aReadyGame({ metadata, status: { phase: 'Hibernated', ...not('Hibernated') } })
const starting = (metadata: object = {}) => aReadyGame({ metadata, status: { phase: 'Starting', ...not('Starting') } })

/** What the metrics say after these versions of a game, at these seconds. */
async function afterwards(
  versions: readonly { game: Game; atSeconds: number }[],
  games: readonly Game[] = [],
  unreadable = 0,
) {
  const registry = createMetrics({ runtime: false })
  let now = noon
  const counted = { games: () => games, unreadable: () => unreadable, refusingNamespaces: () => 0 }
  const metrics = createGameMetrics(registry, () => now, counted)
  for (const [index, { game, atSeconds }] of versions.entries()) {
    const before = versions[index - 1]
    now = at(atSeconds)
    if (before) metrics.transition(before.game, game)
  }
  return registry.metrics()
}

describe('the time that engines take to wake', () => {
  it('counts from the call that woke it to Ready', async () => {
    const metadata = { annotations: { 'galaxy.dev/wake': at(10).toISOString() } }
    const text = await afterwards([
      { game: asleep(metadata), atSeconds: 0 },
      { game: starting(metadata), atSeconds: 11 },
      { game: aReadyGame({ metadata }), atSeconds: 13 },
    ])
    expect(text).toContain('galaxy_wake_seconds_sum{cause="call"} 3')
    expect(text).toContain('galaxy_wake_seconds_count{cause="call"} 1')
  })

  it.each([
    { clock: 'behind', wish: at(-30).toISOString() },
    { clock: 'ahead', wish: at(60).toISOString() },
  ])('counts from where a call is acted upon whose clock is $clock', async ({ wish }) => {
    const metadata = { annotations: { 'galaxy.dev/wake': wish } }
    const sleeping = asleep(metadata)
    const seen = { ...sleeping, status: { ...sleeping.status, hibernation: { wake: null } } }
    const text = await afterwards([
      { game: seen, atSeconds: 0 },
      { game: starting(metadata), atSeconds: 11 },
      { game: aReadyGame({ metadata }), atSeconds: 13 },
    ])
    expect(text).toContain('galaxy_wake_seconds_sum{cause="call"} 2')
  })

  it.each([
    { cause: 'turn', metadata: {} },
    { cause: 'change', metadata: { generation: 2 } },
  ])('counts from where a $cause is acted upon', async ({ cause, metadata }) => {
    const text = await afterwards([
      { game: asleep(metadata), atSeconds: 0 },
      { game: starting(metadata), atSeconds: 20 },
      { game: aReadyGame({ metadata }), atSeconds: 22 },
    ])
    expect(text).toContain(`galaxy_wake_seconds_sum{cause="${cause}"} 2`)
  })

  it('does not count what did not come up', async () => {
    const text = await afterwards([
      { game: asleep(), atSeconds: 0 },
      { game: starting(), atSeconds: 20 },
      { game: aReadyGame({ status: { phase: 'Stopped', ...not('Stopped') } }), atSeconds: 22 },
      { game: aReadyGame(), atSeconds: 60 },
    ])
    expect(text).not.toContain('galaxy_wake_seconds_count{')
  })
})

it('counts games by phase, those that sleep, and those that cannot be read', async () => {
  const finished = aReadyGame({ status: { phase: 'Finished', ...not('Hibernated') } })
  const text = await afterwards([], [asleep(), finished, aReadyGame(), aReadyGame()], 3)
  expect(text).toContain('galaxy_games{phase="Running"} 2')
  expect(text).toContain('galaxy_games{phase="Hibernated"} 1')
  expect(text).toContain('galaxy_games_hibernated 2')
  expect(text).toContain('galaxy_games_unreadable 3')
})
