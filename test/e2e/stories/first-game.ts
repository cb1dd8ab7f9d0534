import { beforeAll, describe, expect, it } from 'vitest'
import { everyTurn, type InstalledController, storyMs, system, patiently } from '../installed-controller.ts'

/** Each story finds the game as the one before has left it. */
export function firstGame(lent: () => InstalledController): void {
  describe('the manifests on a real cluster', { timeout: 2 * storyMs }, () => {
    let installed: InstalledController
    const turn = async () => (await installed.game('duel')).status.turn?.number ?? -1
    const engine = async () => (await installed.game('duel')).status.engine

    beforeAll(() => {
      installed = lent()
    })

    it('bring a Game up as a Pod that plays its turns', async () => {
      const { kubectl, apply, play, ready } = installed
      const spec = { version: '1.0.0', image: 'galaxy-engine:1.0.0' }
      await apply({ apiVersion: 'galaxy.dev/v1', kind: 'EngineVersion', metadata: { name: 'one' }, spec })
      await play('duel', { engine: { version: '~1.0' }, turns: { schedule: '*/5 * * * * *' } })
      await ready('duel')
      await patiently(async () => (await turn()) >= 1)
      expect(await kubectl(['get', 'events'])).toContain('TurnGenerated')
      expect(await kubectl(['get', 'pods,services,persistentvolumeclaims,networkpolicies', '-o', 'name'])).toBe(
        [
          'pod/galaxy-game-duel',
          'service/galaxy-game-duel',
          'persistentvolumeclaim/galaxy-game-duel',
          'networkpolicy.networking.k8s.io/galaxy-engines\n',
        ].join('\n'),
      )
    })

    it('refuse a bad change at the door, naming the field', async () => {
      const change = JSON.stringify({ spec: { turns: { schedule: 'every day' } } })
      const refusal = async () =>
        (await installed.try(['patch', 'game', 'duel', '--type=merge', '-p', change, '--dry-run=server'])).stderr
      const said = 'spec.turns.schedule: Invalid value: "every day": must be a cron expression'
      await expect.poll(refusal, { timeout: 30_000, interval: 500 }).toContain(said)
    })

    it('put a deleted Pod back, with the game where it was', async () => {
      const before = await turn()
      await installed.kubectl(['delete', 'pod', 'galaxy-game-duel', '--grace-period=0', '--force'])
      await installed.until('duel', ({ status }) => status.engine?.restarts === 1)
      await installed.ready('duel')
      await expect.poll(turn, { timeout: 30_000, interval: 500 }).toBeGreaterThan(before)
    })

    it('go on under the other replica when the leader is killed, without an engine restarted or a turn run twice', async () => {
      const leader = await installed.leader()
      const [before, known] = [await turn(), await engine()]
      await installed.kubectl([...system, 'delete', 'pod', leader, '--grace-period=0', '--force'])
      await patiently(async () => (await turn()) > before && (await installed.leader()) !== leader, 60_000)
      expect(await engine()).toMatchObject({ restarts: 1, epoch: known?.epoch, ref: known?.ref })
      await expectNoTurnTwice()
    })

    it('remove everything of a deleted Game, and were never refused anything by the API server', async () => {
      const { kubectl } = installed
      await kubectl(['delete', 'game', 'duel', '--timeout=60s'])
      await patiently(
        async () => (await kubectl(['get', 'pods,services,networkpolicies', '-o', 'name'])) === '',
        60_000,
      )
      expect(await kubectl([...system, 'logs', '-l', 'app.kubernetes.io/name=galaxy-controller'])).toContain('duel')
      expect(await installed.refusals()).toEqual([])
    })

    /** One file for each and none left out, and none told twice: one event counts them, for each controller that told. */
    async function expectNoTurnTwice(): Promise<void> {
      const turns = await installed.turnsOnDisk('duel')
      expect(turns).toEqual(everyTurn(turns.length - 1))
      const told = (await installed.events('duel')).filter(({ reason }) => reason === 'TurnGenerated')
      const numbers = told.map(({ message }) => Number(/^turn (\d+)/.exec(message)?.[1]))
      expect(new Set(numbers).size).toBe(numbers.length)
      expect(told.reduce((sum, { count }) => sum + (count ?? 1), 0)).toBeLessThan(turns.length)
    }
  })
}
