import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pullName } from '../../src/controllers/hosts/pods/names.ts'
import { makeTestEngines, ownCluster } from './cluster.ts'
import { condition, installController, type InstalledController, storyMs } from './installed-controller.ts'

const good = { engine: { image: 'galaxy-engine:1.0.0' } }
const observedMs = 40_000

type Bad = { name: string; image: string; reason: string; message: RegExp }

const bad: Bad[] = [
  {
    name: 'absent',
    image: '127.0.0.1:1/absent:1',
    reason: 'ImageUnavailable',
    message: /ErrImagePull|ImagePullBackOff/,
  },
  { name: 'crashing', image: 'galaxy-test-engine:failing', reason: 'EngineExited', message: /code 3: cannot go on/ },
  { name: 'silent', image: 'galaxy-test-engine:idle', reason: 'NeverHealthy', message: /not healthy within 8 s/ },
  { name: 'hanging', image: 'galaxy-test-engine:hanging', reason: 'InitFailed', message: /\/admin\/init/ },
]

/** With shorter deadlines than the defaults, so that more is tried in a minute than ever would be. */
const env = { CONTROLLER_ENGINE_START_TIMEOUT: '8s', CONTROLLER_ENGINE_CALL_TIMEOUT: '3s' }

describe.skipIf(!ownCluster).concurrent('a Game whose engine is no good', { timeout: 4 * storyMs }, () => {
  let installed: InstalledController
  beforeAll(async () => {
    await makeTestEngines()
    installed = await installController({ env })
  }, 200_000)
  afterAll(() => installed?.uninstall(), 200_000)

  it.each(bad)(
    '($name) is Degraded because of $reason, is tried ever more seldom, and comes up once its spec is put right',
    async ({ name, image, reason, message }) => {
      const started = Date.now()
      await installed.play(name, { engine: { image } })
      const degraded = await installed.until(name, (game) => condition(game, 'Degraded') === `True ${reason}`)
      expect(degraded.status.conditions?.find(({ type }) => type === 'Degraded')?.message).toMatch(message)
      await installed.until(name, () => Date.now() - started >= observedMs, 2 * storyMs)
      const told = await installed.events(name)
      expect(told.filter((each) => each.reason === reason && each.type === 'Warning')).not.toEqual([])
      // At once, at once again, then after 2, 4, 8, 16 and 32 s.
      expect((await installed.game(name)).status.engine?.failures).toBeLessThanOrEqual(8)
      expect(await podsMadeFor(name, image)).toBeLessThanOrEqual(16)
      await installed.patch(name, good)
      await installed.until(name, (game) => condition(game, 'Ready') === 'True Ready')
      expect(condition(await installed.game(name), 'Degraded')).toBe('False AsExpected')
    },
  )

  /** The scheduler tells of each Pod once: the game's own, and those that fetch its image, at home and beside it. */
  async function podsMadeFor(name: string, image: string): Promise<number> {
    const names = [`galaxy-game-${name}`, pullName(image, { secrets: [] })]
    const filter = (involved: string) => `--field-selector=reason=Scheduled,involvedObject.name=${involved}`
    const told = ['galaxy-system', installed.namespace].flatMap((namespace) =>
      names.map((each) => installed.kubectl(['get', 'events', '-n', namespace, filter(each), '-o', 'name'])),
    )
    return (await Promise.all(told)).join('').split('\n').filter(Boolean).length
  }
})
