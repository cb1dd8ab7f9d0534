import { beforeAll, describe, expect, it } from 'vitest'
import { pullName } from '../../../src/controllers/hosts/pods/names.ts'
import type { Game } from '../../../src/resources/index.ts'
import { condition, everyTurn, type InstalledController, storyMs, patiently } from '../installed-controller.ts'

const settled = { timeout: storyMs, interval: 500 }
const everyTwo = { turns: { schedule: '*/2 * * * * *' } }

/** What people do to a game and to what is around it while it starts and runs. Each story has a game of its own. */
export function behindOurBack(lent: () => InstalledController): void {
  describe.concurrent('a Game on a real cluster', { timeout: 3 * storyMs }, () => {
    let installed: InstalledController
    beforeAll(() => {
      installed = lent()
    })

    const playing = async (name: string, spec: object = everyTwo) => {
      await installed.play(name, spec)
      await installed.ready(name)
    }
    const pods = async (name: string) =>
      (await installed.kubectl(['get', 'pods', '-l', `galaxy.dev/game=${name}`, '-o', 'name'])).trim().split('\n')
    const left = (name: string) =>
      installed.kubectl(['get', 'pods,services,pvc,networkpolicies', '-l', `galaxy.dev/game=${name}`, '-o', 'name'])

    it('that is edited while it starts comes up as edited, on one Pod', async () => {
      await installed.play('edited', {
        engine: { image: 'galaxy-engine:1.0.0', env: [{ name: 'MOOD', value: 'old' }] },
      })
      await patiently(async () => (await installed.pod('edited')) !== '')
      const [requests, env] = [{ cpu: '20m' }, [{ name: 'MOOD', value: 'new' }]]
      await installed.patch('edited', { engine: { image: 'galaxy:local', env, resources: { requests } } })
      const isEdited = ({ status }: Game) => status.engine?.image === 'galaxy:local'
      await installed.until('edited', (game) => isEdited(game) && condition(game, 'Ready') === 'True Ready')
      const container = (field: string) => `{.spec.containers[0].${field}}`
      const path = `jsonpath=${['image', 'env[0].value', 'resources.requests.cpu'].map(container).join(' ')}`
      expect(await installed.kubectl(['get', 'pod', 'galaxy-game-edited', '-o', path])).toBe('galaxy:local new 20m')
      expect(await pods('edited')).toEqual(['pod/galaxy-game-edited'])
    })

    it('that is deleted while it starts leaves nothing', async () => {
      await installed.play('unborn')
      await patiently(async () => (await left('unborn')) !== '')
      await installed.kubectl(['delete', 'game', 'unborn', `--timeout=${storyMs / 1000}s`])
      await expect.poll(() => left('unborn'), settled).toBe('')
    })

    it('that finds no node says why, keeps no other from starting, and comes up when there is one', async () => {
      const label = `galaxy.dev/wanted-by-${installed.namespace}`
      const engine = { image: 'galaxy-engine:1.0.0', podTemplate: { nodeSelector: { [label]: 'yes' } } }
      // More than there are workers, each of which would wait for a minute.
      const names = Array.from({ length: 20 }, (_, index) => `homeless-${index}`)
      await Promise.all(names.map((name) => installed.play(name, { engine })))
      for (const name of names) {
        const isTold = (game: Game) => condition(game, 'EngineReady') === 'False Unschedulable'
        expect((await installed.until(name, isTold)).status.engine).toMatchObject({ failures: 0 })
      }
      await playing('at-home')
      const [first = ''] = names
      expect(await installed.kubectl(['describe', 'game', first])).toMatch(
        /Warning +Unschedulable .*nodes are available/,
      )
      await installed.kubectl(['delete', 'game', ...names.slice(1), `--timeout=${storyMs / 1000}s`])
      const node = await installed.kubectl(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'])
      try {
        await installed.kubectl(['label', 'node', node, `${label}=yes`])
        await installed.ready(first)
      } finally {
        await installed.kubectl(['label', 'node', node, `${label}-`])
      }
      // A node refuses a Pod that is sent to it before it has heard of its own label: no failure, another one is sent.
      const up = await installed.game(first)
      expect(up.status.engine).toMatchObject({ failures: 0, restarts: 0 })
      expect(condition(up, 'Degraded')).toBe('False AsExpected')
    })

    it('that is stopped while it starts stops, and that is paused comes up without turns', async () => {
      await Promise.all(['stopped', 'paused'].map((name) => installed.play(name, everyTwo)))
      await patiently(async () => (await installed.pod('stopped')) !== '')
      await installed.patch('stopped', { runState: 'Stopped' })
      await installed.patch('paused', { runState: 'Paused' })
      await installed.until('stopped', ({ status }) => status.phase === 'Stopped')
      await expect.poll(() => installed.pod('stopped'), settled).toBe('')
      const paused = await installed.until('paused', (game) => condition(game, 'Ready') === 'True Ready')
      expect(paused.status).toMatchObject({ phase: 'Paused', turn: { number: 0 } })
      await installed.patch('stopped', { runState: 'Running' })
      await installed.until('stopped', ({ status }) => (status.turn?.number ?? 0) > 0)
    })

    it('whose engine is killed inside its Pod goes on in another one, with every turn once', async () => {
      await playing('killed')
      const before = await installed.until('killed', ({ status }) => (status.turn?.number ?? 0) >= 1)
      await (await installed.container('killed')).kill()
      const number = before.status.turn?.number ?? 0
      const after = await installed.until(
        'killed',
        ({ status }) => status.engine?.restarts === 1 && (status.turn?.number ?? 0) > number,
      )
      expect(after.status.engine?.epoch).toBe((before.status.engine?.epoch ?? 0) + 1)
      expect((await installed.events('killed')).find(({ reason }) => reason === 'Restarted')?.message).toContain(
        'SIGKILL',
      )
      const turns = await installed.turnsOnDisk('killed')
      expect(turns).toEqual(everyTurn(turns.length - 1))
    })

    it('gets back its Service and its wall, and the labels of both and of its Pod, without a restart', async () => {
      await playing('robbed')
      const name = 'galaxy-game-robbed'
      const pod = await installed.pod('robbed')
      await installed.kubectl(['delete', `service/${name}`, 'networkpolicy/galaxy-engines'])
      await installed.kubectl(['label', 'pod', name, 'galaxy.dev/game-uid=other', '--overwrite'])
      const objects = ['service', 'pod']
      const wall = async () => (await installed.try(['get', 'networkpolicy', '-o', 'name'])).stdout.trim()
      const uid = (await installed.game('robbed')).metadata.uid
      const labels = async () =>
        Promise.all(objects.map(async (kind) => (await installed.try(['get', kind, name, '-o', labelPath])).stdout))
      const own = objects.map(() => `galaxy ${uid}`)
      await expect.poll(labels, settled).toEqual(own)
      await expect.poll(wall, settled).toBe('networkpolicy.networking.k8s.io/galaxy-engines')
      await installed.kubectl(['label', 'service', name, 'app.kubernetes.io/managed-by-', 'galaxy.dev/game-uid-'])
      await expect.poll(labels, settled).toEqual(own)
      await installed.kubectl(['label', 'pod', name, 'app.kubernetes.io/managed-by-'])
      await expect.poll(labels, settled).toEqual(own)
      const { status } = await installed.game('robbed')
      const plays = ({ turn }: typeof status) => (turn?.number ?? 0) > (status.turn?.number ?? 0)
      expect((await installed.until('robbed', (game) => plays(game.status))).status.engine?.restarts).toBe(0)
      expect(await installed.pod('robbed')).toBe(pod)
    })

    it('tells that its volume is being removed, and does not begin anew when its data is gone', async () => {
      await playing('emptied')
      await installed.until('emptied', ({ status }) => (status.turn?.number ?? 0) >= 2)
      await installed.kubectl(['delete', 'pvc', 'galaxy-game-emptied', '--wait=false'])
      await installed.until('emptied', (game) => condition(game, 'VolumeReady') === 'False BeingRemoved')
      expect(condition(await installed.game('emptied'), 'Ready')).toBe('True Ready')
      await installed.kubectl(['delete', 'pod', 'galaxy-game-emptied', '--grace-period=1'])
      const lost = await installed.until('emptied', (game) => condition(game, 'Degraded') === 'True StateLost')
      expect(lost.status).toMatchObject({ phase: 'Failed' })
      expect(condition(lost, 'Ready')).toBe('False StateLost')
      const reasons = (await installed.events('emptied')).map(({ reason }) => reason)
      expect(reasons).toEqual(expect.arrayContaining(['VolumeBeingRemoved', 'StateLost']))
      expect(await installed.turnsOnDisk('emptied')).toEqual([])
    })

    it('says that its volume cannot grow, or shrink, and plays on', async () => {
      await playing('grown')
      const pod = await installed.pod('grown')
      await installed.patch('grown', { storage: { size: '2Gi' } })
      await installed.until('grown', (game) => condition(game, 'VolumeReady') === 'False CannotGrow')
      await installed.patch('grown', { storage: { size: '1Mi' } })
      const after = await installed.until('grown', (game) => condition(game, 'VolumeReady') === 'False CannotShrink')
      const number = after.status.turn?.number ?? 0
      await installed.until('grown', ({ status }) => (status.turn?.number ?? 0) > number)
      expect(await installed.pod('grown')).toBe(pod)
    })

    it('whose image needs secrets has it fetched in its own namespace, with these', async () => {
      const secrets = [{ name: 'registry' }]
      // No other game has it, whose engine would tell what it is.
      const image = 'galaxy:0.1.0'
      await playing('private', { engine: { image, podTemplate: { imagePullSecrets: secrets } } })
      const path = 'jsonpath={.spec.imagePullSecrets[*].name}'
      expect(await installed.kubectl(['get', 'pod', 'galaxy-game-private', '-o', path])).toBe('registry')
      const told = await installed.events(pullName(image, { secrets }))
      expect(told.map(({ reason }) => reason)).toContain('Scheduled')
    })

    it('whose image cannot be had at home is looked for with what its own namespace may have', async () => {
      const image = '127.0.0.1:1/elsewhere:1'
      await installed.play('elsewhere', { engine: { image } })
      await installed.until('elsewhere', (game) => condition(game, 'Degraded') === 'True ImageUnavailable')
      expect((await installed.events(pullName(image, { secrets: [] }))).map(({ reason }) => reason)).toContain(
        'Scheduled',
      )
    })

    it("leaves a stranger's Pod of its name alone, says so, and comes up once that is gone", async () => {
      const image = 'galaxy-test-engine:idle'
      await installed.kubectl(['run', 'galaxy-game-taken', `--image=${image}`, '--image-pull-policy=IfNotPresent'])
      await installed.play('taken')
      const told = await installed.until('taken', (game) => condition(game, 'Degraded') === 'True StartFailed')
      expect(told.status.conditions?.find(({ type }) => type === 'Degraded')?.message).toContain('belongs to no game')
      // A Pod that is deleted while its node makes it may stay for two minutes.
      await installed.kubectl(['wait', '--for=condition=Ready', '--timeout=60s', 'pod/galaxy-game-taken'])
      await installed.kubectl(['delete', 'pod', 'galaxy-game-taken', '--grace-period=1'])
      await installed.ready('taken')
    })
  })
}

const labelPath =
  'jsonpath={.metadata.labels.app\\.kubernetes\\.io/managed-by} {.metadata.labels.galaxy\\.dev/game-uid}'
