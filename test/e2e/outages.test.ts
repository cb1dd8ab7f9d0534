import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killPart, ownCluster, type Part, startPart } from './cluster.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { condition, installController, type InstalledController, storyMs, system } from './installed-controller.ts'

const parts: Part[] = ['docker', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet']
/** Long enough for several turns to become due, and for everybody to notice. */
const outageMs = 8000

/** Ten games play a turn every few seconds while the cluster under them loses its parts, one story after the other. */
describe.skipIf(!ownCluster)('ten Games under which', { timeout: 3 * storyMs }, () => {
  let installed: InstalledController
  let fleet: Fleet
  beforeAll(async () => {
    installed = await installController()
    fleet = await startFleet(installed, 10)
  }, 300_000)
  afterAll(async () => {
    for (const part of parts) await startPart(part)
    await installed?.uninstall()
  }, 300_000)

  it.each<[string, Part[]]>([
    ['the API server and etcd are', ['kube-apiserver', 'etcd']],
    ['the Docker daemon is', ['docker']],
  ])('%s killed and started again lose nothing and are not restarted', async (_, killed) => {
    const before = await fleet.look()
    for (const part of killed) await killPart(part)
    await delay(outageMs)
    for (const part of killed.toReversed()) await startPart(part)
    expect(await fleet.playedOn(before)).toEqual(before.map(({ engine }) => engine))
    expect(await fleet.turnsWithoutGap()).toBe(true)
  })

  it('the scheduler and the controller manager are dead play on, and another comes up when these are back', async () => {
    const before = await fleet.look()
    await Promise.all([killPart('kube-scheduler'), killPart('kube-controller-manager')])
    await installed.play('late')
    expect(await fleet.playedOn(before)).toEqual(before.map(({ engine }) => engine))
    expect(condition(await installed.game('late'), 'Ready')).toMatch(/^False/)
    await Promise.all([startPart('kube-scheduler'), startPart('kube-controller-manager')])
    await installed.ready('late')
  })

  it('the node does not answer are told to be away, get no second engine, and play on when it is back', async () => {
    const before = await fleet.look()
    const engines = before.map(({ engine }) => engine)
    await installed.play('cut-off')
    await installed.ready('cut-off')
    const cutOff = await installed.container('cut-off')
    await killPart('kubelet')
    try {
      await installed.until('cut-off', (game) => condition(game, 'Degraded') === 'True NodeAway')
      // The others still answer, by the connections that there are.
      await cutOff.pause()
      await installed.until('cut-off', (game) => condition(game, 'EngineReady') === 'Unknown NodeAway')
      for (const name of fleet.names) {
        await installed.until(name, (game) => condition(game, 'Degraded') === 'True NodeAway')
        expect((await installed.events(name)).map(({ reason }) => reason)).toContain('NodeAway')
      }
      await delay(outageMs)
      expect((await fleet.look()).map(({ engine }) => engine)).toEqual(engines)
    } finally {
      await cutOff.unpause().catch(() => undefined)
      await startPart('kubelet')
    }
    expect(await fleet.playedOn(await fleet.look())).toEqual(engines)
    expect(await fleet.turnsWithoutGap()).toBe(true)
    for (const name of [...fleet.names, 'cut-off']) {
      const well = await installed.until(name, (game) => condition(game, 'Degraded') === 'False AsExpected')
      expect(well.status.engine).toMatchObject({ restarts: 0, epoch: 1 })
    }
  })

  it('the controller is replaced by another version miss no turn and are not restarted', async () => {
    const before = await fleet.look()
    await installed.kubectl([...system, 'set', 'image', 'deployment/galaxy-controller', 'controller=galaxy:local'])
    await installed.kubectl([...system, 'rollout', 'status', 'deployment/galaxy-controller', '--timeout=120s'])
    expect(await fleet.playedOn(before)).toEqual(before.map(({ engine }) => engine))
    expect(await fleet.turnsWithoutGap()).toBe(true)
    const skipped = await Promise.all(fleet.names.map((name) => installed.events(name)))
    expect(skipped.flat().filter(({ reason }) => reason === 'TurnSkipped' || reason === 'TurnFailed')).toEqual([])
  })
})
