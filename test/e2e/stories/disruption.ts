import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createEngineClient, EngineError } from '../../../src/engine-contract/index.ts'
import { condition, everyTurn, type InstalledController, storyMs, patiently } from '../installed-controller.ts'

/** What people who run machines do to engines, and what two engines on one volume do to each other. */
export function disruption(lent: () => InstalledController): void {
  describe('an engine on a real cluster', { timeout: 3 * storyMs }, () => {
    let installed: InstalledController
    let node: string
    beforeAll(async () => {
      installed = lent()
      node = (await installed.kubectl(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'])).trim()
      await Promise.all([
        installed.play('moved', { turns: { schedule: '*/5 * * * * *' } }),
        installed.play('slow', { engine: { image: 'galaxy-test-engine:slow' }, turns: { forceToken: 'none yet' } }),
        installed.play('fenced'),
      ])
      await Promise.all(['moved', 'slow', 'fenced'].map((name) => installed.ready(name)))
    }, 200_000)
    afterAll(async () => void (await installed.try(['uncordon', node])))

    const evict = (name: string) => {
      const metadata = { name: `galaxy-game-${name}`, namespace: installed.namespace }
      const body = JSON.stringify({ apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata })
      const path = `/api/v1/namespaces/${installed.namespace}/pods/galaxy-game-${name}/eviction`
      return installed.try(['create', '--raw', path, '-f', '-'], body)
    }

    it('is not evicted during a turn, and is right after it', async () => {
      const pod = await installed.pod('slow')
      await installed.patch('slow', { turns: { forceToken: 'now' } })
      await installed.until('slow', ({ status }) => status.turn?.running === 1)
      expect((await evict('slow')).stderr).toContain('disruption budget')
      expect((await installed.game('slow')).status.turn?.running).toBe(1)
      await installed.until('slow', ({ status }) => status.turn?.number === 1)
      await patiently(async () => (await evict('slow')).code === 0)
      await patiently(async () => (await installed.pod('slow')) !== pod)
    })

    it('that is drained between turns waits for a node, and goes on there with every turn', async () => {
      const before = await installed.until('moved', ({ status }) => (status.turn?.number ?? 0) >= 1)
      await installed.kubectl(['cordon', node])
      await patiently(async () => (await evict('moved')).code === 0)
      await installed.until('moved', (game) => condition(game, 'Ready').startsWith('False'))
      await installed.kubectl(['uncordon', node])
      const turn = before.status.turn?.number ?? 0
      const after = await installed.until('moved', ({ status }) => (status.turn?.number ?? 0) >= turn + 2)
      expect(after.status.engine?.restarts).toBe(1)
      const turns = await installed.turnsOnDisk('moved')
      expect(turns).toEqual(everyTurn(turns.length - 1))
    })

    it('commits nothing once a newer one has the volume, and an older one never does', async () => {
      const { status, metadata } = await installed.game('fenced')
      const epoch = status.engine?.epoch ?? 0
      await installed.scale(0)
      const engines = createEngineClient({ dispatcher: new Agent() })
      const call = { timeoutMs: 10_000 }
      const at = (address: string, epoch: number) => ({
        endpoint: `http://${address}:8080`,
        epoch,
        gameId: metadata.uid,
      })
      const own = at(await addressOf('galaxy-game-fenced'), epoch)
      await engines.turn(own, 1, call)

      const newer = at(await startRival('newer', epoch + 1), epoch + 1)
      await patiently(
        async () =>
          await engines.healthz(newer, call).then(
            () => true,
            () => false,
          ),
        storyMs,
      )
      await engines.turn(newer, 2, call)
      // It has ended by itself, or says why it does not.
      await expect(engines.turn(own, 3, call)).rejects.toThrow(EngineError)
      await expect(engines.turn({ ...own, ...at(await addressOf('newer'), epoch) }, 3, call)).rejects.toThrow(/epoch/)
      await startRival('older', epoch)
      const said = async () => (await installed.try(['logs', 'older'])).stdout
      await expect.poll(said, { timeout: storyMs, interval: 500 }).toMatch(/epoch/)
      expect(await installed.turnsOnDisk('fenced')).toEqual([0, 1, 2])

      await installed.kubectl(['delete', 'pod', 'newer', 'older', '--grace-period=1'])
      await installed.scale(2)
      const back = await installed.until(
        'fenced',
        ({ status }) => status.turn?.number === 2 && (status.engine?.epoch ?? 0) > epoch,
      )
      expect(back.status.turn?.number).toBe(2)
      await installed.ready('fenced')
    })

    /** A second Pod like that of the game, on the same volume; nobody's, so that nobody interferes. */
    async function startRival(name: string, epoch: number): Promise<string> {
      const Pod = z.looseObject({
        spec: z.looseObject({
          containers: z.tuple([z.looseObject({ env: z.array(z.looseObject({ name: z.string() })) })]),
        }),
      })
      const { spec } = Pod.parse(
        JSON.parse(await installed.kubectl(['get', 'pod', 'galaxy-game-fenced', '-o', 'json'])),
      )
      const [container] = spec.containers
      const env = container.env.filter((each) => each.name !== 'GALAXY_ENGINE_EPOCH')
      const wanted = [...env, { name: 'GALAXY_ENGINE_EPOCH', value: String(epoch) }]
      await installed.apply({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: { ...spec, nodeName: undefined, containers: [{ ...container, env: wanted }] },
      })
      return addressOf(name)
    }

    async function addressOf(name: string): Promise<string> {
      const address = () => installed.kubectl(['get', 'pod', name, '-o', 'jsonpath={.status.podIP}'])
      await patiently(async () => (await address()) !== '')
      return address()
    }
  })
}
