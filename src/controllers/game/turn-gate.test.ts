import { describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { silentLog } from '../../platform/log.ts'
import { createMetrics } from '../../platform/metrics.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import type { Game } from '../../resources/index.ts'
import { createController } from '../operator/index.ts'
import { aReadyGame, noon } from './fixtures.ts'
import { defaultPolicy } from './policy.ts'
import { createTurnGate } from './turn-gate.ts'

const key = (name: string): ObjectKey => ({ namespace: 'default', name })
const signal = new AbortController().signal
const due = (name: string, parts: { status?: object; metadata?: object; spec?: object } = {}) =>
  aReadyGame({ ...parts, metadata: { name, ...parts.metadata }, turn: { nextAt: noon.toISOString() } })
const well = (name: string) => aReadyGame({ metadata: { name }, turn: { nextAt: '2026-03-01T13:00:00Z' } })

/** A gate with passes that last until they are ended, and a queue that hands out what the gate adds. */
function aGate(games: readonly Game[], slots = 2) {
  const known = new Map(games.map((game) => [game.metadata.name, game]))
  const queue: string[] = []
  const running = new Map<string, () => void>()
  const began: string[] = []
  const { through, reset } = createTurnGate({
    games: { get: ({ name }) => known.get(name) },
    slots,
    enqueue: ({ name }) => queue.push(name),
    policy: defaultPolicy,
    now: () => noon,
  })
  const reconcile = through(async ({ name }) => {
    began.push(name)
    await new Promise<void>((resolve) => running.set(name, resolve))
    running.delete(name)
    return {}
  })
  const pass = (name: string) => reconcile(key(name), signal)
  return {
    known,
    queue,
    running,
    began,
    pass,
    reset,
    passAll: () => queue.splice(0).forEach((name) => void pass(name)),
  }
}

const soon = () => new Promise((resolve) => setImmediate(resolve))

describe('the gate of turns', () => {
  it('lets so many passes over due games in, and ends the others at once', async () => {
    const gate = aGate(['a', 'b', 'c', 'd'].map((name) => due(name)))
    for (const name of ['a', 'b']) void gate.pass(name)
    expect(await gate.pass('c')).toEqual({})
    expect(await gate.pass('d')).toEqual({})
    expect([...gate.running.keys()]).toEqual(['a', 'b'])
  })

  it('lets games without a due turn pass, however many turns are due', async () => {
    const gate = aGate([due('a'), due('b'), due('c'), well('quick')], 1)
    for (const name of ['a', 'b', 'c']) void gate.pass(name)
    void gate.pass('quick')
    expect([...gate.running.keys()]).toEqual(['a', 'quick'])
  })

  it('brings back who waits, in order, each once', async () => {
    const gate = aGate(
      ['a', 'b', 'c', 'd'].map((name) => due(name)),
      1,
    )
    for (const name of ['a', 'b', 'c', 'b', 'd']) void gate.pass(name)
    for (const name of ['a', 'b', 'c', 'd']) {
      gate.running.get(name)?.()
      await soon()
      gate.passAll()
    }
    expect(gate.began).toEqual(['a', 'b', 'c', 'd'])
    expect(gate.queue).toEqual([])
  })

  it('gives on the slot of one that needs it no more', async () => {
    const gate = aGate(
      ['a', 'b', 'c'].map((name) => due(name)),
      1,
    )
    for (const name of ['a', 'b', 'c']) void gate.pass(name)
    gate.running.get('a')?.()
    await soon()
    expect(gate.queue).toEqual(['b'])
    gate.known.set('b', well('b'))
    gate.passAll()
    expect(gate.queue).toEqual(['c'])
  })

  it('forgets a game that is gone', async () => {
    const gate = aGate(
      ['a', 'b', 'c'].map((name) => due(name)),
      1,
    )
    for (const name of ['a', 'b', 'c']) void gate.pass(name)
    gate.known.delete('b')
    void gate.pass('b')
    gate.running.get('a')?.()
    await soon()
    expect(gate.queue).toEqual(['c'])
  })

  it('frees the slot of a pass that fails', async () => {
    const { through } = createTurnGate({
      games: { get: ({ name }) => due(name) },
      slots: 1,
      enqueue: () => undefined,
      policy: defaultPolicy,
      now: () => noon,
    })
    const reconcile = through(async ({ name }) => {
      if (name === 'broken') throw new Error('the host does not answer')
      return { requeueAfterMs: 1 }
    })
    await expect(reconcile(key('broken'), signal)).rejects.toThrow('does not answer')
    expect(await reconcile(key('next'), signal)).toEqual({ requeueAfterMs: 1 })
  })

  it('forgets the slot of one whose key was dropped with its queue', async () => {
    const gate = aGate(
      ['a', 'b', 'c'].map((name) => due(name)),
      1,
    )
    for (const name of ['a', 'b']) void gate.pass(name)
    gate.running.get('a')?.()
    await soon()
    expect(gate.queue.splice(0)).toEqual(['b'])
    gate.reset()
    void gate.pass('c')
    expect([...gate.running.keys()]).toEqual(['c'])
  })

  const asleep = {
    phase: 'Hibernated',
    conditions: [{ ...due('x').status.conditions?.[0], status: 'False', reason: 'Hibernated' }],
    turn: { nextAt: '2026-03-01T12:00:10Z' },
  }
  const active = [...(due('x').status.conditions ?? []), { ...due('x').status.conditions?.[0], type: 'TurnsActive' }]
  it.each([
    { what: 'a game that owes a turn', game: due('x', { status: { turn: { number: 4, running: 5 } } }), gated: true },
    { what: 'a game to be woken for its turn', game: due('x', { status: asleep }), gated: true },
    {
      what: 'a game with a forced turn',
      game: due('x', { spec: { turns: { forceToken: 'now' } }, status: { conditions: active, turn: { number: 4 } } }),
      gated: true,
    },
    {
      what: 'a game with a turn that is asked for',
      game: aReadyGame({
        metadata: { name: 'x', annotations: { 'galaxy.dev/force-turn': 'k1' } },
        status: { conditions: active },
      }),
      gated: true,
    },
    {
      what: 'a game that was never forced, and whose turn is not due',
      game: aReadyGame({ metadata: { name: 'x' }, status: { conditions: active } }),
      gated: false,
    },
    { what: 'a game whose engine is not well', game: due('x', { status: { conditions: [] } }), gated: false },
    { what: 'a paused game', game: due('x', { spec: { runState: 'Paused' } }), gated: false },
    { what: 'a deleted game', game: due('x', { metadata: { deletionTimestamp: noon.toISOString() } }), gated: false },
  ])('counts $what: $gated', async ({ game, gated }) => {
    const gate = aGate([due('a'), game], 1)
    void gate.pass('a')
    void gate.pass('x')
    expect(gate.running.has('x')).toBe(!gated)
  })
})

it('leaves workers for others, with a thousand turns due in one second', async () => {
  const names = Array.from({ length: 1000 }, (_, index) => `due-${index}`)
  const games = new Map([...names.map((name) => due(name)), well('edited')].map((game) => [game.metadata.name, game]))
  const blocked = Promise.withResolvers<void>()
  const stopping = new AbortController()
  const passed: string[] = []
  let atOnce = 0
  let most = 0
  const { through } = createTurnGate({
    games: { get: ({ name }) => games.get(name) },
    slots: 2,
    enqueue: (each) => controller.enqueue(each),
    policy: defaultPolicy,
    now: () => noon,
  })
  const controller = createController({
    name: 'game',
    workers: 4,
    metrics: createMetrics({ runtime: false }),
    log: silentLog,
    clock: systemClock,
    reconcile: through(async ({ name }) => {
      most = Math.max(most, (atOnce += 1))
      if (name !== 'edited') await blocked.promise
      atOnce -= 1
      games.delete(name)
      passed.push(name)
      if (games.size === 0) stopping.abort()
      return {}
    }),
  })
  const running = controller.run(stopping.signal, () => [...names, 'edited'].map(key))
  await expect.poll(() => passed).toEqual(['edited'])
  expect(most).toBe(3)
  blocked.resolve()
  await running
  expect(passed).toEqual(['edited', ...names])
})
