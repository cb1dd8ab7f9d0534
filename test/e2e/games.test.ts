import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Cluster, openCluster, ownCluster } from './cluster.ts'

const system = ['-n', 'galaxy-system']
const wait = ['wait', '--timeout=60s']

/**
 * The controller as an operator installs it: from manifests/, out of the image, with the rights that these give it and
 * no others. Each story finds the game as the one before has left it.
 */
describe.skipIf(!ownCluster)('the manifests on a real cluster', () => {
  let cluster: Cluster
  const kubectl = async (args: readonly string[], input?: string) => {
    const ran = await cluster.kubectl(args, input === undefined ? {} : { stdin: input })
    if (ran.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${ran.stderr}`)
    return ran.stdout
  }
  const apply = (object: object) => kubectl(['apply', '-f', '-'], JSON.stringify(object))
  const read = (path: string) => kubectl(['get', 'game', 'duel', '-o', `jsonpath={${path}}`])
  const turn = async () => Number((await read('.status.turn.number')) || -1)
  const holder = async () => {
    const path = 'jsonpath={.spec.holderIdentity}'
    return (await kubectl([...system, 'get', 'lease', 'galaxy-controller', '-o', path])).split('_')[0] ?? ''
  }

  beforeAll(async () => {
    cluster = await openCluster()
    await kubectl(['apply', '-n', 'galaxy-system', '--validate=false', '-k', 'manifests/base'])
    await kubectl([...system, ...wait, '--for=condition=Available', 'deployment/galaxy-controller'])
  }, 120_000)
  afterAll(async () => {
    await kubectl(['delete', 'games,engineversions', '--all', '--timeout=60s']).catch(() => undefined)
    await cluster[Symbol.asyncDispose]()
    const wide = ['clusterroles', 'clusterrolebindings', 'validatingwebhookconfigurations']
    const names = ['galaxy-controller', 'galaxy-controller-webhook']
    for (const kind of wide) await cluster.kubectl(['delete', kind, ...names, '--ignore-not-found'])
    await cluster.kubectl(['delete', 'namespace', 'galaxy-system', '--timeout=90s'])
  }, 120_000)

  it('bring a Game up as a Pod that plays its turns', async () => {
    const apiVersion = 'galaxy.dev/v1'
    const image = 'galaxy-engine:1.0.0'
    await apply({ apiVersion, kind: 'EngineVersion', metadata: { name: 'one' }, spec: { version: '1.0.0', image } })
    const players = ['Terrans', 'Vegans'].map((raceName) => ({ userId: raceName.toLowerCase(), raceName }))
    const spec = { engine: { version: '~1.0' }, players, turns: { schedule: '*/5 * * * * *' } }
    await apply({ apiVersion, kind: 'Game', metadata: { name: 'duel' }, spec })
    await kubectl([...wait, '--for=condition=Ready', 'game/duel'])
    await eventually(async () => (await turn()) >= 1, 30_000)
    expect(await kubectl(['get', 'events'])).toContain('TurnGenerated')
    expect(await kubectl(['get', 'pods,services,persistentvolumeclaims,networkpolicies', '-o', 'name'])).toBe(
      [
        'pod/galaxy-game-duel',
        'service/galaxy-game-duel',
        'persistentvolumeclaim/galaxy-game-duel',
        'networkpolicy.networking.k8s.io/galaxy-game-duel\n',
      ].join('\n'),
    )
  })

  it('refuse a bad change at the door, naming the field', async () => {
    const change = JSON.stringify({ spec: { turns: { schedule: 'every day' } } })
    const refusal = async () =>
      (await cluster.kubectl(['patch', 'game', 'duel', '--type=merge', '-p', change, '--dry-run=server'])).stderr
    const said = 'spec.turns.schedule: Invalid value: "every day": must be a cron expression'
    await expect.poll(refusal, { timeout: 30_000, interval: 500 }).toContain(said)
  })

  it('put a deleted Pod back, with the game where it was', async () => {
    const before = await turn()
    await kubectl(['delete', 'pod', 'galaxy-game-duel', '--grace-period=0', '--force'])
    await eventually(async () => (await read('.status.engine.restarts')) === '1', 30_000)
    await kubectl([...wait, '--for=condition=Ready', 'game/duel'])
    await expect.poll(turn, { timeout: 30_000, interval: 500 }).toBeGreaterThan(before)
  })

  it('go on under the other replica when the leader is killed, without an engine restarted', async () => {
    const leader = await holder()
    const [before, epoch] = [await turn(), await read('.status.engine.epoch')]
    await kubectl([...system, 'delete', 'pod', leader, '--grace-period=0', '--force'])
    await eventually(async () => (await turn()) > before && (await holder()) !== leader, 60_000)
    expect(await read('.status.engine.restarts')).toBe('1')
    expect(await read('.status.engine.epoch')).toBe(epoch)
  })

  it('remove everything of a deleted Game, and were never refused anything by the API server', async () => {
    await kubectl(['delete', 'game', 'duel', '--timeout=60s'])
    await eventually(async () => (await kubectl(['get', 'pods,services,networkpolicies', '-o', 'name'])) === '', 60_000)
    const logs = await kubectl([...system, 'logs', '-l', 'app.kubernetes.io/name=galaxy-controller', '--tail=-1'])
    expect(logs).toContain('duel')
    expect(logs).not.toMatch(/orbidden/)
  })
})
