import fc from 'fast-check'
import { expect } from 'vitest'
import { canonicalJson } from '../../platform/json.ts'
import { forceTurnAnnotation, Game, lastActivityAnnotation, wakeAnnotation } from '../../resources/index.ts'
import { type EngineInstance, specHash } from '../hosts/index.ts'
import type { Action } from './action.ts'
import { aGame, anEngineVersion, noon } from './fixtures.ts'
import type { Observation } from './observation.ts'
import { plan } from './plan.ts'
import { defaultPolicy } from './policy.ts'
import { nextRun } from './schedule.ts'
import { type Outcome, settle } from './settle.ts'

/**
 * A small world: the stored Game, the host's engines, the state on disk. A pass may die after any number of its
 * effects (`crashAfter`): status writes, actions and outcome writes each count as one.
 */
export function createWorld({
  schedule = '*/10 * * * * *',
  ...spec
}: { schedule?: string; hibernation?: object } = {}) {
  let game: Game = aGame({ metadata: { finalizers: [] }, spec: { ...spec, turns: { schedule } } })
  let now = noon
  let nextRef = 1
  let gone = false
  let machines: Machines = 'free'
  const engines: EngineInstance[] = []
  const disk = { initialized: false, turn: 0 }
  const seen = { generated: 0, forced: 0 }
  const versions = ['1.0.0', '1.0.1'].map((version) => anEngineVersion(version))

  return {
    pass,
    observe,
    tick,
    edit,
    kill,
    evict,
    machinesAre,
    wipeStatus,
    note,
    engines,
    disk,
    seen,
    get: () => game,
    isGone: () => gone,
    now: () => now,
  }

  function observe(): Observation {
    const running = engines.find(({ state }) => state === 'running')
    const players = [{ raceName: 'a', eliminated: false, stats: {} }]
    const status = { ...disk, finished: false, players }
    return {
      game,
      now,
      runtime: 'process',
      violations: [],
      engineVersions: versions,
      engines: engines.toReversed(),
      unfetched: machines === 'full' && game.status.engine?.imageDigest === undefined ? 'no machine' : undefined,
      probe:
        running && game.spec.runState !== 'Stopped'
          ? {
              state: 'healthy',
              status,
            }
          : undefined,
    }
  }

  function pass(crashAfter = Number.POSITIVE_INFINITY): Action[] {
    let effects = 0
    const dies = () => (effects += 1) > crashAfter
    const planned = plan(observe(), defaultPolicy)
    if (dies()) return []
    store({ status: planned.status })
    for (const action of planned.actions) {
      if (dies()) return []
      const outcome = act(action)
      if (outcome && dies()) return []
      if (outcome) store({ status: settle(game, outcome, now).status })
    }
    return [...planned.actions]
  }

  function store(change: object) {
    game = Game.parse(JSON.parse(JSON.stringify({ ...game, ...change })))
  }

  function act(action: Action): Outcome | undefined {
    switch (action.do) {
      case 'addFinalizer':
        return (store({ metadata: { ...game.metadata, finalizers: ['galaxy.dev/engine'] } }), undefined)
      case 'releaseFinalizer':
      case 'deleteGame':
        return ((gone = true), undefined)
      case 'pull':
        if (machines === 'full') return undefined
        return { of: 'pull', image: action.image, imageDigest: 'sha256:x', tookMs: 1 }
      case 'start':
        return { of: 'start', instance: start(action) }
      case 'init':
        return ((disk.initialized = true), undefined)
      case 'runTurn':
        return runTurn(action.turn)
      case 'stop':
      case 'removeEngine':
        return (end(true), undefined)
      case 'awaitHealthy':
      case 'growData':
      case 'annotate':
      case 'removeData':
        return undefined
    }
  }

  function start({ spec }: Extract<Action, { do: 'start' }>): EngineInstance {
    expect(
      engines.some(({ state }) => state === 'running'),
      'no second engine is started',
    ).toBe(false)
    const coming = engines.findIndex(({ state }) => state === 'starting')
    const known = engines[coming]
    if (known?.epoch === spec.epoch) return known
    if (known) engines.splice(coming, 1)
    expect(
      engines.some(({ epoch }) => epoch >= spec.epoch),
      'epochs only rise',
    ).toBe(false)
    const ref = `process/${nextRef++}`
    const instance: EngineInstance = {
      game: spec.game,
      ref,
      image: spec.image,
      epoch: spec.epoch,
      specHash: specHash(spec),
      startedAt: now.toISOString(),
      ...becomes(ref),
    }
    engines.push(instance)
    return instance
  }

  function becomes(ref: string): Pick<EngineInstance, 'state' | 'unschedulable' | 'preparing' | 'exit' | 'endpoint'> {
    if (machines === 'full') return { state: 'starting', unschedulable: 'no machine has room' }
    if (machines === 'slow') return { state: 'starting', preparing: 'fetching the image' }
    if (machines === 'refusing') return { state: 'exited', exit: { requested: false, turnedAway: 'no' } }
    return { state: 'running', endpoint: `http://127.0.0.1:${ref.length}` }
  }
  /** Whatever waits for a machine goes on when machines are otherwise. */
  function machinesAre(are: Machines) {
    machines = are
    for (const [index, { unschedulable: _over, preparing: _done, ...each }] of engines.entries()) {
      if (each.state === 'starting') engines[index] = { ...each, ...becomes(each.ref) }
    }
  }
  function evict() {
    for (const [index, each] of engines.entries()) {
      const exit = { requested: false, turnedAway: 'low on memory' }
      if (each.state === 'running') engines[index] = { ...each, state: 'exited', exit }
    }
  }

  function runTurn(turn: number): Outcome {
    expect([disk.turn, disk.turn + 1]).toContain(turn)
    if (turn === disk.turn + 1) seen.generated += 1
    disk.turn = turn
    return { of: 'runTurn', turn, tookMs: 1 }
  }

  function end(requested: boolean) {
    if (requested) engines.splice(0, engines.length, ...engines.filter(({ state }) => state !== 'starting'))
    for (const [index, each] of engines.entries()) {
      if (each.state === 'running') engines[index] = { ...each, state: 'exited', exit: { requested, code: 0 } }
    }
  }
  function kill() {
    end(false)
  }
  function tick(ms: number) {
    now = new Date(now.getTime() + ms)
  }
  function edit(spec: object) {
    store({ spec: { ...game.spec, ...spec }, metadata: { ...game.metadata, generation: game.metadata.generation + 1 } })
  }
  function note(annotation: string) {
    const annotations = { ...game.metadata.annotations, [annotation]: now.toISOString() }
    store({ metadata: { ...game.metadata, annotations } })
  }
  function wipeStatus() {
    store({ status: {} })
  }
}

/** What machines do to an engine that is started: `full` ones do not fetch its image either. */
type Machines = 'free' | 'full' | 'slow' | 'refusing'

export type World = ReturnType<typeof createWorld>

export const chaos = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('pass' as const), crashAfter: fc.nat({ max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('tick' as const), ms: fc.nat({ max: 40_000 }) }) },
  fc.constant({ what: 'kill' as const }),
  fc.constant({ what: 'force' as const }),
  fc.constant({ what: 'evict' as const }),
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('machines' as const),
      are: fc.constantFrom<Machines>('free', 'full', 'slow', 'refusing'),
    }),
  },
  fc.record({ what: fc.constant('run' as const), state: fc.constantFrom('Running', 'Paused', 'Stopped') }),
  fc.record({ what: fc.constant('version' as const), range: fc.constantFrom('~1.0', '1.0.0', '1.0.1') }),
  fc.record({
    what: fc.constant('note' as const),
    annotation: fc.constantFrom(wakeAnnotation, lastActivityAnnotation, forceTurnAnnotation),
  }),
)

export function disturb(
  world: World,
  event: typeof chaos extends fc.Arbitrary<infer T> ? T : never,
  index: number,
): void {
  switch (event.what) {
    case 'pass':
      world.pass(event.crashAfter)
      break
    case 'tick':
      world.tick(event.ms)
      break
    case 'kill':
      world.kill()
      break
    case 'evict':
      world.evict()
      break
    case 'machines':
      world.machinesAre(event.are)
      break
    case 'force':
      world.seen.forced += 1
      world.edit({ turns: { ...world.get().spec.turns, forceToken: `token-${index}` } })
      break
    case 'run':
      world.edit({ runState: event.state })
      break
    case 'version':
      world.edit({ engine: { version: event.range } })
      break
    case 'note':
      if (event.annotation === forceTurnAnnotation) world.seen.forced += 1
      world.note(event.annotation)
  }
}

/** Passes without time going by, until nothing is left to do. */
export function settleDown(world: World): void {
  for (let round = 0; round < 40; round += 1) if (world.pass().length === 0) return
  throw new Error(`does not converge: ${canonicalJson(world.get().status)}`)
}

/** Twice: an end that is only noticed now may begin another wait before the next start. */
export function restThoroughly(world: World): void {
  world.machinesAre('free')
  for (const _ of [1, 2]) {
    world.tick(600_000)
    settleDown(world)
  }
}

export function ticksUntil(from: Date, to: Date, schedule = '*/10 * * * * *'): number {
  let count = 0
  for (let at = nextRun(schedule, 'UTC', from); at && at <= to; at = nextRun(schedule, 'UTC', at)) count += 1
  return count
}
