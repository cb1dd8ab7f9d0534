import type { KubeConfig } from '../src/platform/kubernetes/client.ts'
import { callApi } from '../src/platform/kubernetes/transport.ts'
import { type Cluster, gamesPath, inParallel } from './cluster.ts'

const concurrency = 64
const deadlineMs = 30_000

/** Many Games whose engines sleep, their status as the controller leaves it: there is nothing to do about them. */
export async function createHibernatedGames({ config, namespace }: Cluster, names: readonly string[]): Promise<void> {
  const path = gamesPath(namespace)
  await inParallel(names, concurrency, async (name) => {
    const created = await callApi(config, { method: 'POST', path, body: game(name) }, deadlineMs)
    // Not merged: that would leave out what is null.
    const body = { ...Object(created), status: hibernated() }
    await callApi(config, { method: 'PUT', path: `${path}/${name}/status`, body }, deadlineMs)
  })
}

/** Without a controller, nobody else would take their finalizers away, and they could not go. */
export async function releaseGames({ config, namespace }: Cluster, names: readonly string[]): Promise<void> {
  await inParallel(names, concurrency, async (name) => {
    const change = { metadata: { finalizers: null } }
    await merge(config, `${gamesPath(namespace)}/${name}`, change).catch(() => undefined)
  })
}

export async function merge(config: KubeConfig, path: string, body: object): Promise<unknown> {
  return callApi(config, { method: 'PATCH', path, contentType: 'application/merge-patch+json', body }, deadlineMs)
}

function game(name: string) {
  const players = ['Terrans', 'Zerks', 'Vegans', 'Procyons'].map((raceName, index) => ({
    userId: `00000000-0000-4000-8000-00000000000${index}`,
    raceName,
  }))
  return {
    apiVersion: 'galaxy.dev/v1',
    kind: 'Game',
    metadata: { name, finalizers: ['galaxy.dev/engine'] },
    spec: {
      displayName: `The game ${name}`,
      engine: { version: '~1.0' },
      players,
      settings: { seed: 1, planets: 40 },
      // Years away, so that none is woken meanwhile.
      turns: { schedule: '0 18 1 1 *', timeZone: 'UTC' },
      hibernation: { idleAfter: '30m' },
    },
  }
}

function hibernated() {
  const slept = '2026-01-02T00:00:00Z'
  const message = 'no player has called for 30m; the state is kept'
  const condition = (type: string, status: string, reason: string, said: string) => {
    return { type, status, reason, message: said, observedGeneration: 1, lastTransitionTime: slept }
  }
  return {
    observedGeneration: 1,
    phase: 'Hibernated',
    conditions: [
      condition('EngineReady', 'False', 'Hibernated', message),
      condition('Ready', 'False', 'Hibernated', message),
      condition('Initialized', 'True', 'Initialized', 'the engine has created the game'),
      condition('Degraded', 'False', 'AsExpected', 'nothing is wrong'),
      condition('TurnsActive', 'True', 'Scheduled', 'turns run by 0 18 1 1 *'),
    ],
    engine: {
      version: '1.0.0',
      image: 'galaxy-engine:1.0.0',
      imageDigest: `sha256:${'0'.repeat(64)}`,
      runtime: 'pods',
      restarts: 0,
      epoch: 1,
      failures: 0,
    },
    turn: {
      number: 12,
      lastAt: slept,
      lastDurationMs: 20,
      nextAt: `${new Date().getUTCFullYear() + 2}-01-01T18:00:00.000Z`,
      skipNext: false,
      attempts: 0,
      failedTurns: 0,
      forceToken: null,
    },
    players: { count: 4, eliminated: 0 },
  }
}
