import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownCluster } from './cluster.ts'
import { condition, installController, type InstalledController, storyMs } from './installed-controller.ts'

const namespaced = { folder: 'manifests/overlays/namespaced', into: 'galaxy-games' }

describe.skipIf(!ownCluster)('a controller that is confined to a namespace', { timeout: 2 * storyMs }, () => {
  let installed: InstalledController
  beforeAll(async () => {
    installed = await installController(namespaced)
  }, 150_000)
  // Fails if it was refused anything.
  afterAll(() => installed?.uninstall(), 200_000)

  it('brings a Game up there, on an engine version that stands at home', async () => {
    const version = { apiVersion: 'galaxy.dev/v1', kind: 'EngineVersion', metadata: { name: 'one' } }
    const spec = { version: '1.0.0', image: 'galaxy-engine:1.0.0' }
    await installed.kubectl(['apply', '-n', 'galaxy-system', '-f', '-'], JSON.stringify({ ...version, spec }))
    await installed.play('confined', { engine: { version: '~1.0' }, turns: { schedule: '*/2 * * * * *' } })
    await installed.until('confined', ({ status }) => (status.turn?.number ?? 0) >= 1)
    expect(condition(await installed.game('confined'), 'Ready')).toBe('True Ready')
    await installed.kubectl(['delete', 'game', 'confined', '--timeout=60s'])
    // Let go once no game uses it any more.
    await installed.kubectl(['delete', 'engineversion', 'one', '-n', 'galaxy-system', '--timeout=60s'])
  })
})
