import { describe, expect, it } from 'vitest'
import { silentLog } from '../../platform/log.ts'
import { createMetrics } from '../../platform/metrics.ts'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'
import { Game } from '../../resources/index.ts'
import type { Action } from './action.ts'
import { aGame, anEngine, anEngineVersion, answering, aReadyGame, noon } from './fixtures.ts'
import { createGameMetrics } from './metrics.ts'
import { defaultPolicy } from './policy.ts'
import { createGameReconciler } from './reconcile.ts'
import type { Outcome } from './settle.ts'

const key = { namespace: 'default', name: 'andromeda' }

/** A reconciler over one stored game; `conflicts` writes in a row are lost to somebody else, an engine that `forgets` is never initialized. */
function aReconciler(
  stored: Game,
  {
    conflicts = 0,
    engineTurn = 4,
    forgets = false,
    apply = async (_action: Action) => undefined as Outcome | undefined,
  } = {},
) {
  const world = {
    game: stored,
    writes: 0,
    phases: [] as unknown[],
    isInitialized: !forgets,
    events: [] as string[],
    actions: [] as Action[],
    turn: engineTurn,
    image: 'engine:1.0.0',
    conflicts,
    runs: stored.status.engine?.ref !== undefined,
  }
  const reconcile = createGameReconciler({
    observe: async () => ({
      game: world.game,
      now: noon,
      runtime: 'process',
      violations: [],
      engineVersions: [anEngineVersion('1.0.0')],
      engines: world.runs ? [anEngine(world.game, { image: world.image })] : [],
      probe: answering({ turn: world.turn, initialized: world.isInitialized }),
    }),
    apply: async (_game, action) => {
      world.actions.push(action)
      if (action.do === 'runTurn') world.turn = action.turn
      if (action.do === 'start') [world.runs, world.image] = [true, action.spec.image]
      if (action.do === 'stop') world.runs = false
      const outcome = await apply(action)
      if (action.do === 'init') world.isInitialized = !forgets
      return outcome
    },
    games: {
      get: async () => world.game,
      replaceStatus: async (game) => {
        if (world.conflicts-- > 0) {
          const resourceVersion = String(Number(world.game.metadata.resourceVersion) + 1)
          world.game = Game.parse({ ...world.game, metadata: { ...world.game.metadata, resourceVersion } })
          throw new KubernetesError(409, 'Conflict', 'modified')
        }
        world.writes += 1
        world.phases.push(game.status.phase)
        return (world.game = Game.parse(JSON.parse(JSON.stringify(game))))
      },
    },
    cache: { written: () => undefined, fetched: () => undefined },
    events: { record: (_game, { reason }) => world.events.push(reason), [Symbol.asyncDispose]: async () => undefined },
    metrics: createGameMetrics(createMetrics({ runtime: false }), () => noon),
    policy: defaultPolicy,
    log: silentLog,
    now: () => noon,
  })
  return { world, pass: (signal = new AbortController().signal) => reconcile(key, signal) }
}

/** Its engine runs, and has not been asked to create the game yet. */
const aStartedGame = () => {
  const engine = { image: 'engine:1.0.0', version: '1.0.0', imageDigest: 'd', ref: 'process/7', epoch: 1 }
  return aGame({ status: { engine, phase: 'Starting' } })
}
const due = () => aReadyGame({ spec: { turns: { schedule: '*/5 * * * * *' } }, turn: { nextAt: noon.toISOString() } })
const ran: Outcome = { of: 'runTurn', turn: 5, tookMs: 3 }

describe('a pass over a game', () => {
  it('runs a due turn with two writes: one that owes it, one that settles it', async () => {
    const { world, pass } = aReconciler(due(), { apply: async () => ran })
    await pass()
    expect(world.actions).toMatchObject([{ do: 'runTurn', turn: 5 }])
    expect(world.game.status.turn).toMatchObject({ number: 5, lastDurationMs: 3 })
    expect(world.writes).toBe(2)
    expect(world.events).toEqual(['TurnGenerated'])
  })

  it('tells an event once although its write was lost to somebody else', async () => {
    const { world, pass } = aReconciler(due(), { apply: async () => ran, conflicts: 1 })
    await pass()
    expect(world.events).toEqual(['TurnGenerated'])
    expect(world.actions).toHaveLength(1)
    expect(world.game.status.turn?.number).toBe(5)
  })

  it('goes on from what it has planned, though that was not worth a write', async () => {
    const engine = { image: 'engine:1.0.0', imageDigest: 'd', epoch: 1 }
    const edited = aGame({ spec: { engine: { image: 'engine:2.0.0' } }, status: { engine, phase: 'Starting' } })
    const pulled: Outcome = { of: 'pull', image: 'engine:2.0.0', imageDigest: 'e', tookMs: 1 }
    const apply = async (action: Action) => (action.do === 'pull' ? pulled : undefined)
    const { world, pass } = aReconciler(edited, { apply })
    world.runs = true
    await pass()
    expect(world.actions.map((action) => action.do)).toEqual(['pull', 'stop', 'start'])
    expect(world.game.status.engine).toMatchObject({ image: 'engine:2.0.0', imageDigest: 'e', epoch: 2 })
    expect(world.events.slice(0, 3)).toEqual(['Started', 'Pulled', 'Updated'])
  })

  it('that comes to no end is an error, so that it is tried again later and not at once', async () => {
    const started = aStartedGame()
    const { world, pass } = aReconciler(started, { forgets: true })
    await expect(pass()).rejects.toThrow('comes to no end')
    expect(world.writes).toBe(0)
  })

  it('is given up after a few lost writes, so that it is tried again later and not at once', async () => {
    const { world, pass } = aReconciler(due(), { apply: async () => ran, conflicts: 1000 })
    await expect(pass()).rejects.toMatchObject({ reason: 'Conflict' })
    expect(1000 - world.conflicts).toBe(3)
    expect(world.events).toEqual([])
    expect(world.actions).toEqual([])
  })

  it("does not lose a failed attempt to somebody else's write", async () => {
    let calls = 0
    const failing = async (): Promise<Outcome> => {
      calls += 1
      world.turn = 4
      world.conflicts = 2
      const action: Action = {
        do: 'runTurn',
        engine: { ref: 'r', endpoint: 'e', epoch: 1, gameId: 'g' },
        turn: 5,
        dueAt: noon,
      }
      return { of: 'failed', action, reason: 'TurnFailed', message: 'disk full', engineEnded: false }
    }
    const { world, pass } = aReconciler(due(), { apply: failing })
    await pass()
    expect(calls).toBe(1)
    expect(world.game.status.turn).toMatchObject({ number: 4, running: 5, attempts: 1, lastError: 'disk full' })
  })

  it('settles what it has done before it stops, and does nothing more', async () => {
    const stopping = new AbortController()
    const apply = async () => {
      stopping.abort()
      return ran
    }
    const { world, pass } = aReconciler(due(), { apply })
    await pass(stopping.signal)
    expect(world.game.status.turn?.number).toBe(5)
    expect(world.actions).toHaveLength(1)
  })

  it('of a game that is well writes nothing', async () => {
    const { world, pass } = aReconciler(aReadyGame())
    await pass()
    const after = world.writes
    await pass()
    expect(world.writes).toBe(after)
    expect(world.actions).toEqual([])
  })

  it('looks again when the plan says so', async () => {
    const { pass } = aReconciler(aReadyGame())
    expect(await pass()).toEqual({ requeueAfterMs: defaultPolicy.healthCheckMs })
  })

  it('writes the epoch before it starts an engine under it', async () => {
    const image = { image: 'engine:1.0.0', imageDigest: 'd', version: '1.0.0' }
    const { world, pass } = aReconciler(aGame({ status: { engine: image } }), {
      apply: async () => {
        expect(world.game.status.engine?.epoch).toBe(1)
        return { of: 'start', instance: anEngine(world.game) }
      },
    })
    await pass()
    expect(world.actions).toMatchObject([{ do: 'start', spec: { epoch: 1 } }])
  })

  it('does not tell of what is over at once', async () => {
    const { world, pass } = aReconciler(aStartedGame())
    world.isInitialized = false
    await pass()
    expect(world.actions).toMatchObject([{ do: 'init' }])
    expect(world.phases).toEqual(['Running'])
  })

  it('tells of what lasts while it lasts', async () => {
    const { promise: created, resolve: create } = Promise.withResolvers<undefined>()
    const { world, pass } = aReconciler(aStartedGame(), { apply: () => created })
    world.isInitialized = false
    const passing = pass()
    await expect.poll(() => world.phases, { timeout: 20_000 }).toEqual(['Initializing'])
    create(undefined)
    await passing
    expect(world.phases).toEqual(['Initializing', 'Running'])
  })

  it('tells which image was wanted when it cannot be had, however soon', async () => {
    const action: Action = { do: 'pull', image: 'engine:1.0.0' }
    const failed: Outcome = {
      of: 'failed',
      action,
      reason: 'ImageUnavailable',
      message: 'no such tag',
      engineEnded: false,
    }
    const { world, pass } = aReconciler(aGame(), { apply: async () => failed })
    await pass()
    expect(world.phases[0]).toBe('Pulling')
    expect(world.game.status).toMatchObject({ phase: 'Pending', engine: { image: 'engine:1.0.0', version: '1.0.0' } })
  })

  it('starts an image that is here already at once, and tells which it is', async () => {
    const pulled: Outcome = { of: 'pull', image: 'engine:1.0.0', imageDigest: 'sha256:1', tookMs: 0 }
    const outcomes = [pulled]
    const { world, pass } = aReconciler(aGame(), {
      apply: async () => outcomes.shift() ?? { of: 'start', instance: anEngine(world.game) },
    })
    await pass()
    expect(world.actions.map((action) => action.do)).toEqual(['pull', 'start'])
    expect(world.phases).not.toContain('Pulling')
    expect(world.game.status.engine).toMatchObject({ image: 'engine:1.0.0', version: '1.0.0', imageDigest: 'sha256:1' })
    expect(world.events.slice(0, 2)).toEqual(['Pulled', 'Started'])
  })
})
