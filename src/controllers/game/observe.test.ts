import { expect, it } from 'vitest'
import { keyOf } from '../../platform/kubernetes/objects.ts'
import type { Game } from '../../resources/index.ts'
import { aGame, anEngineVersion, noon } from './fixtures.ts'
import { createObserve } from './observe.ts'

const never = () => Promise.reject(new Error('nothing runs that could be asked'))

/** What is seen of a game whose EngineVersions are known in these namespaces only. */
function seen(game: Game, known: readonly string[]) {
  const observe = createObserve({
    games: { get: () => game },
    engineVersions: {
      list: () => [anEngineVersion('1.0.0', { namespace: 'shared' })],
      knows: (namespace) => namespace !== undefined && known.includes(namespace),
    },
    host: { runtime: 'process', find: async () => [] },
    engines: { isListening: never, healthz: never, status: never },
    engineVersionNamespace: 'shared',
    probeTimeoutMs: 1000,
    now: () => noon,
  })
  return observe(keyOf(game), new AbortController().signal)
}

it.each(['default', 'shared'])(
  'nothing is decided about a game while the versions of %s are not known',
  async (dark) => {
    const known = ['default', 'shared'].filter((each) => each !== dark)
    await expect(seen(aGame(), known)).rejects.toThrow(`the EngineVersions of namespace ${dark} are not known`)
  },
)

it.each([
  { what: 'names its image', game: aGame({ spec: { engine: { image: 'engine:1' } } }) },
  { what: 'is deleted', game: aGame({ metadata: { deletionTimestamp: noon.toISOString() } }) },
])('a game that $what needs no versions', async ({ game }) => {
  expect(await seen(game, [])).toMatchObject({ game })
})
