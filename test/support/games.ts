import { eventually } from './eventually.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { createResourceClient, loadKubeConfig } from '../../src/platform/kubernetes/client.ts'
import { createInformer } from '../../src/platform/kubernetes/informer.ts'
import { isTrue } from '../../src/platform/kubernetes/conditions.ts'
import { silentLog } from '../../src/platform/log.ts'
import { type Game, gameKind } from '../../src/resources/index.ts'

export const inDefault = (name: string) => ({ namespace: 'default', name })

/** A manifest of a game of two players with the built-in engine. */
export function gameManifest(name: string, spec: object = {}) {
  const players = ['Terrans', 'Zerks'].map((raceName, index) => ({ userId: `user-${index}`, raceName }))
  return {
    apiVersion: 'galaxy.dev/v1',
    kind: 'Game',
    metadata: { name, namespace: 'default' },
    spec: { engine: { version: '~1.0' }, players, settings: { seed: 7, size: 'small' }, ...spec },
  }
}

/** A client and a watch on all Games of a running platform. */
export function openGames(kubeconfig: string) {
  const config = loadKubeConfig({ path: kubeconfig })
  const client = createResourceClient(config, gameKind)
  const seen: Game[] = []
  const informer = createInformer({
    config,
    kind: gameKind,
    log: silentLog,
    onChange: (_key, { after }) => {
      if (after) seen.push(after)
    },
  })
  informer.start()
  return {
    client,
    informer,
    /** Every version of every Game that the watch has shown, in order. */
    seen,
    create: (name: string, spec: object = {}) =>
      client.create(gameManifest(name, spec), { namespace: 'default', fieldManager: 'test' }),
    patch: (name: string, spec: object) => client.patch(inDefault(name), { spec }, { fieldManager: 'test' }),
    until: (name: string, holds: (game: Game) => boolean, withinMs = 30_000) =>
      until(() => informer.get(inDefault(name)), holds, withinMs),
    gone: (name: string, withinMs = 30_000) => eventually(() => informer.get(inDefault(name)) === undefined, withinMs),
    [Symbol.asyncDispose]: () => informer[Symbol.asyncDispose](),
  }
}

export const isReady = (game: Game) => isTrue(game.status.conditions ?? [], 'Ready')

async function until(read: () => Game | undefined, holds: (game: Game) => boolean, withinMs: number): Promise<Game> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const game = read()
    if (game && holds(game)) return game
    if (Date.now() > deadline)
      throw new Error(`not within ${withinMs} ms; it is ${JSON.stringify(game?.status, null, 1)}`)
    await delay(20)
  }
}
