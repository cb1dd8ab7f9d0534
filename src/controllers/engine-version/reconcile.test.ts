import { describe, expect, it } from 'vitest'
import { keyOf } from '../../platform/kubernetes/objects.ts'
import { EngineVersion, type Game } from '../../resources/index.ts'
import { aGame, aVersion } from './fixtures.ts'
import { createEngineVersionReconciler } from './reconcile.ts'

const now = new Date('2026-03-01T12:00:00Z')
const deleted = { finalizers: ['galaxy.dev/in-use'], deletionTimestamp: '2026-03-01T11:00:00Z' }

/** What becomes of the first of the versions, beside the others and the games; `shared` is for all namespaces. */
async function reconciled(
  versions: readonly EngineVersion[],
  games: readonly Game[],
  { dark = '', unreadable = [] as readonly Game[] } = {},
) {
  const [version] = versions
  if (!version) throw new Error('a version is needed')
  const told: string[] = []
  let stored = version
  const reconcile = createEngineVersionReconciler({
    engineVersions: {
      patch: async (_key, change) =>
        (stored = EngineVersion.parse({
          ...stored,
          metadata: { ...stored.metadata, ...(change['metadata'] as object) },
        })),
      replaceStatus: async (changed) => (stored = changed),
    },
    cache: { get: () => stored, list: () => [...versions], written: () => undefined },
    games: {
      list: () => [...games],
      knows: (namespace) => dark === '' || (namespace !== undefined && namespace !== dark),
      unreadable: () => unreadable.map(({ metadata }) => ({ metadata, problem: 'spec' })),
    },
    sharedNamespace: 'shared',
    events: { record: (_version, { reason }) => void told.push(reason), [Symbol.asyncDispose]: async () => undefined },
    now: () => now,
  })
  const signal = new AbortController().signal
  for (const _ of [1, 2]) await reconcile(keyOf(version), signal)
  return { finalizers: stored.metadata.finalizers, games: stored.status.games, told }
}

describe('an EngineVersion that is deleted', () => {
  it('stays, and says why, while a game of another namespace runs it as the shared one', async () => {
    expect(await reconciled([aVersion('shared', deleted)], [aGame('other')])).toMatchObject({
      finalizers: ['galaxy.dev/in-use'],
      told: ['InUse'],
    })
  })

  it('goes when those games have one of that number in their own namespace', async () => {
    const versions = [aVersion('shared', deleted), aVersion('other')]
    expect(await reconciled(versions, [aGame('other')])).toMatchObject({ finalizers: [], told: [] })
  })

  it("goes whatever games of other namespaces run, when it is a namespace's own", async () => {
    expect(await reconciled([aVersion('own', deleted)], [aGame('other')])).toMatchObject({ finalizers: [], told: [] })
  })

  it.each([
    { what: 'of a namespace that does not show its games', unseen: { dark: 'other' } },
    { what: 'of a game that cannot be read', unseen: { unreadable: [aGame('other')] } },
  ])('stays because $what, if it is for all namespaces', async ({ unseen }) => {
    const kept = { finalizers: ['galaxy.dev/in-use'], told: ['InUse'] }
    expect(await reconciled([aVersion('shared', deleted)], [], unseen)).toMatchObject(kept)
    expect(await reconciled([aVersion('other', deleted)], [], unseen)).toMatchObject(kept)
    expect(await reconciled([aVersion('own', deleted)], [], unseen)).toMatchObject({ finalizers: [], told: [] })
  })
})

it('counts the games that run it, of those that it is for', async () => {
  const games = [...['shared', 'other', 'own'].map((namespace) => aGame(namespace)), aGame('other', '1.0.1')]
  expect((await reconciled([aVersion('shared'), aVersion('own')], games)).games).toBe(2)
  expect((await reconciled([aVersion('own'), aVersion('shared')], games)).games).toBe(1)
})
