import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { answering } from '../../src/controllers/game/fixtures.ts'
import { defaultPolicy } from '../../src/controllers/game/index.ts'
import type { Observation } from '../../src/controllers/game/observation.ts'
import { engineSpec, gameRef } from '../../src/controllers/game/objects.ts'
import { plan } from '../../src/controllers/game/plan.ts'
import { specHash } from '../../src/controllers/hosts/index.ts'
import { needsRepair } from '../../src/controllers/hosts/pods/drift.ts'
import { containerState } from '../../src/controllers/hosts/pods/fixtures.ts'
import { claimKind, type Pod, podKind, serviceKind } from '../../src/controllers/hosts/pods/kinds.ts'
import { readEngine } from '../../src/controllers/hosts/pods/reading.ts'
import { EngineVersion, Game, gameViolations } from '../../src/resources/index.ts'

/**
 * stored/ has what a release has left in a cluster, as its API server answers. It is added to and never edited: what fails
 * here would restart, refuse or forget every running game at an upgrade.
 */
async function stored(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(`stored/${name}.json`, import.meta.url), 'utf8'))
}

async function storedGame(name: string) {
  const [game, pod, service, claim] = await Promise.all(
    ['game', 'pod', 'service', 'claim'].map((kind) => stored(`${name}.${kind}`)),
  )
  return {
    game: Game.parse(game),
    pod: podKind.schema.parse(pod),
    service: serviceKind.schema.parse(service),
    claim: claimKind.schema.parse(claim),
  }
}

/** One game of that release as its controller, started anew as ours, would see it with that Pod. */
async function observed(name: string) {
  const { game, pod, service, claim } = await storedGame(name)
  const data = { size: claim.spec.resources.requests['storage'] ?? '', isBeingRemoved: false }
  const engineVersions = [EngineVersion.parse(await stored('version-0.1.0'))]
  const now = new Date(Date.parse(pod.metadata.creationTimestamp) + 20_000)
  const observing = (from: Game, of: Pod, probe?: Observation['probe']): Observation => {
    const engine = readEngine(of, service)
    return {
      game: from,
      now,
      data,
      engineVersions,
      probe,
      runtime: 'pods',
      violations: gameViolations(from),
      engines: engine ? [engine] : [],
    }
  }
  return { game, pod, service, observing }
}

/** What specHash was for the engine of each, and must stay. */
const hashes = { 'minimal-0.1.0': '26a9e855909cd0fb', 'full-0.1.0': 'b131c4172475bc3f' }

describe.each(Object.entries(hashes))('the game %s of a release before', (name, hash) => {
  it('asks for the engine that it has: another hash would restart every engine', async () => {
    const { game, pod } = await storedGame(name)
    expect(specHash(engineSpec(game, 'galaxy-engine:1.0.0', 0))).toBe(hash)
    expect(readEngine(pod, undefined)?.specHash).toBe(hash)
  })

  it('has what we would have made', async () => {
    const { game, pod, service } = await storedGame(name)
    expect(needsRepair(gameRef(game), { pod, service })).toEqual([])
  })

  it('is left waiting for a node where it does', async () => {
    const { game, pod, observing } = await observed(name)
    const { phase, engine } = game.status
    expect(plan(observing(game, pod), defaultPolicy)).toMatchObject({
      actions: [],
      events: [],
      status: { phase, engine },
    })
  })

  it('keeps the engine that runs, and is left alone with it', async () => {
    const { game, pod, observing } = await observed(name)
    const startedAt = pod.metadata.creationTimestamp
    const running = podKind.schema.parse({ ...pod, status: containerState({ running: { startedAt } }) })
    const taken = plan(observing(game, running, answering()), defaultPolicy)
    expect(taken.status).toMatchObject({ phase: 'Running', engine: { epoch: 1, restarts: 0, failures: 0 } })
    expect(taken.actions).toEqual([])
    const again = plan(observing({ ...game, status: taken.status }, running, answering()), defaultPolicy)
    expect(again).toMatchObject({ status: taken.status, actions: [], events: [] })
  })
})
