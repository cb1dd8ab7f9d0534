import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from './client.ts'
import { commands, ok, ready } from './games.ts'
import { currentOnly } from './kubectl.ts'
import { serverSince, since } from './server.ts'
import { openTarget, type Target } from './target.ts'

let target: Target
let k: ReturnType<typeof commands>

const running = {
  phase: 'Running',
  turn: { number: 12, nextAt: '2026-11-21T18:00:00Z' },
  players: { count: 2, eliminated: 0 },
  engine: { version: '1.0.3', runtime: 'process', restarts: 1, endpoint: 'http://127.0.0.1:8080' },
  conditions: [ready, { ...ready, type: 'Degraded', status: 'False', reason: 'AsExpected' }],
}

/** Two games and an engine version, which no test of this file changes. */
beforeAll(async () => {
  target = await openTarget()
  k = commands(target)
  const client = createClient(target)
  const version = { apiVersion: 'galaxy.dev/v1', kind: 'EngineVersion', metadata: { name: 'v1' } }
  await Promise.all([
    k.create('andromeda', { labels: { tier: 'gold', team: 'a' }, spec: { displayName: 'Andromeda' } }),
    k.create('borealis', { labels: { tier: 'silver', team: 'b' } }),
    k.send(JSON.stringify({ ...version, spec: { version: '1.0.3', image: 'engine:1' } }), 'create'),
  ])
  await client.patchStatus('andromeda', { status: running })
})
afterAll(() => target[Symbol.asyncDispose]())

const get = (...args: string[]) => k.kubectl(['get', ...args])
const cells = (line = '') => line.split(/ {2,}/)

describe('kubectl get', currentOnly, () => {
  it('prints the columns of the definition', async () => {
    const { code, stdout } = await get('games')
    const [head, first, second] = stdout.split('\n')
    expect(code).toBe(0)
    expect(cells(head)).toEqual(['NAME', 'PHASE', 'TURN', 'NEXT', 'PLAYERS', 'ENGINE', 'AGE'])
    expect(cells(first)).toEqual([
      'andromeda',
      'Running',
      '12',
      '2026-11-21T18:00:00Z',
      '2',
      '1.0.3',
      expect.stringMatching(/^\d+m?\d*s$/),
    ])
    expect(cells(second)).toEqual(['borealis', expect.stringMatching(/^\d+m?\d*s$/)])
  })

  it('prints more columns when it may be wide', async () => {
    const { stdout } = await get('game', 'andromeda', '-o', 'wide')
    const [head, first] = stdout.split('\n')
    expect(cells(head).slice(-5)).toEqual(['READY', 'REASON', 'RUNTIME', 'RESTARTS', 'ENDPOINT'])
    expect(cells(first).slice(-5)).toEqual(['True', 'AsExpected', 'process', '1', 'http://127.0.0.1:8080'])
  })

  it.each(['game', 'games', 'gm', 'games.galaxy.dev', 'games.v1.galaxy.dev', 'Game'])(
    'knows a game as %s',
    async (kind) => {
      expect(await get(kind, 'andromeda', '-o', 'name')).toEqual(ok('game.galaxy.dev/andromeda\n'))
    },
  )

  it('prints several kinds, and a category, with their kinds before the names', async () => {
    const both = await get('games,engineversions', '--no-headers')
    const category = await get('galaxy', '--no-headers')
    const names = (stdout: string) => stdout.split('\n').flatMap((line) => cells(line)[0] || [])
    const expected = ['engineversion.galaxy.dev/v1', 'game.galaxy.dev/andromeda', 'game.galaxy.dev/borealis']
    expect(names(both.stdout).sort()).toEqual(expected)
    expect(names(category.stdout).sort()).toEqual(expected)
  })

  it('prints YAML and JSON without who manages what, unless asked', async () => {
    const yaml = (await get('game', 'andromeda', '-o', 'yaml')).stdout
    expect(yaml).toMatch(/^apiVersion: galaxy\.dev\/v1\nkind: Game\nmetadata:\n/)
    expect(yaml).not.toContain('managedFields')
    const json = (await get('game', 'andromeda', '-o', 'json', '--show-managed-fields')).stdout
    const ofStatus = serverSince(22) ? { subresource: 'status' } : { fieldsV1: { 'f:status': {} } }
    expect(JSON.parse(json)).toMatchObject({
      metadata: { generation: 1, managedFields: [{ manager: 'kubectl-create' }, ofStatus] },
      spec: { displayName: 'Andromeda', runState: 'Running' },
      status: { phase: 'Running', turn: { number: 12, skipNext: false } },
    })
  })

  it('prints lists as lists', async () => {
    const list: unknown = JSON.parse((await get('games', '-o', 'json')).stdout)
    expect(list).toMatchObject({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'Game' }, { kind: 'Game' }] })
  })

  it('prints what a JSONPath, a template or columns ask for', async () => {
    expect(await get('games', '-o', 'jsonpath={.items[*].metadata.name}')).toEqual(ok('andromeda borealis'))
    expect(await get('game', 'andromeda', '-o', 'go-template={{.status.turn.number}}')).toEqual(ok('12'))
    expect(await get('games', '-o', 'custom-columns=NAME:.metadata.name,TURN:.status.turn.number')).toEqual(
      ok('NAME        TURN\nandromeda   12\nborealis    <none>\n'),
    )
  })

  it('sorts', async () => {
    const { stdout } = await get('games', '--sort-by=.metadata.labels.tier', '-o', 'name')
    expect(stdout).toBe('game.galaxy.dev/andromeda\ngame.galaxy.dev/borealis\n')
  })

  it.each([
    [['-l', 'tier=gold'], ['andromeda']],
    [['-l', 'tier!=gold'], ['borealis']],
    [['-l', 'tier in (gold,silver),team=b'], ['borealis']],
    [['-l', '!tier'], []],
    [['--field-selector', 'metadata.name=borealis'], ['borealis']],
    [['--field-selector', 'metadata.name!=borealis'], ['andromeda']],
    [
      ['--chunk-size', '1'],
      ['andromeda', 'borealis'],
    ],
  ])('selects by %j', async (args, names) => {
    expect(await get('games', '-o', 'name', ...args)).toEqual(
      ok(names.map((name) => `game.galaxy.dev/${name}\n`).join('')),
    )
  })

  it.each([
    ['status.phase=Running', ['andromeda']],
    ['status.phase!=Running', ['borealis']],
    ['status.phase=', ['borealis']],
  ])('selects games by their phase: %s', since(31), async (selector, names) => {
    expect(await get('games', '-o', 'name', '--field-selector', selector)).toEqual(
      ok(names.map((name) => `game.galaxy.dev/${name}\n`).join('')),
    )
  })

  it('knows an engine version by its short name, which no other kind has', async () => {
    expect(await get('gev', '-o', 'name')).toEqual(ok('engineversion.galaxy.dev/v1\n'))
  })

  it('refuses selectors that make no sense', async () => {
    const { code, stderr } = await get('games', '--field-selector', 'spec.runState=Running')
    expect(code).toBe(1)
    expect(stderr).toContain('field label not supported: spec.runState')
    expect((await get('games', '-l', 'a in b')).code).toBe(1)
  })

  it('says so when there is nothing', async () => {
    const stderr = `No resources found in ${target.namespace} namespace.\n`
    expect(await get('leases')).toEqual({ code: 0, stdout: '', stderr })
    expect(await get('game', 'nobody')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): games.galaxy.dev "nobody" not found\n',
    })
    expect(await get('game', 'nobody', '--ignore-not-found')).toEqual(ok(''))
    expect(await get('spaceships')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: the server doesn\'t have a resource type "spaceships"\n',
    })
  })

  it('sees all namespaces', async () => {
    const { stdout } = await get('games', '-A')
    const own = stdout.split('\n').filter((line) => line.startsWith(`${target.namespace} `))
    expect(cells(stdout.split('\n')[0]).slice(0, 2)).toEqual(['NAMESPACE', 'NAME'])
    expect(own.map((line) => cells(line)[1])).toEqual(['andromeda', 'borealis'])
  })
})

describe('kubectl describe', currentOnly, () => {
  it('shows the object as people read it', async () => {
    const { code, stdout } = await k.kubectl(['describe', 'game', 'andromeda'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Name: +andromeda\nNamespace: +conformance-/)
    expect(stdout).toMatch(/\nLabels: +team=a\n +tier=gold\n/)
    expect(stdout).toMatch(/\nSpec:\n {2}Display Name: +Andromeda\n/)
    expect(stdout).toMatch(/\n {4}Reason: +EngineReady\n/)
    expect(stdout).toMatch(/\nEvents: +<none>\n$/)
  })
})

describe('kubectl explain', currentOnly, () => {
  it('explains kinds and fields', since(27), async () => {
    const { code, stdout } = await k.kubectl(['explain', 'game.spec.turns'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^GROUP: +galaxy\.dev\nKIND: +Game\nVERSION: +v1\n/)
    expect(stdout).toContain('When turns are generated.')
    expect(stdout).toMatch(/\n {2}schedule\t<string>\n {4}Cron expression/)
    expect((await k.kubectl(['explain', 'games', '--recursive'])).stdout).toMatch(/\n {4}players\t<\[\]Object>/)
    expect((await k.kubectl(['explain', 'lease.spec.holderIdentity'])).stdout).toContain('holderIdentity <string>')
  })

  it('refuses fields that are not there', async () => {
    const { code, stderr } = await k.kubectl(['explain', 'game.spec.nothing'])
    expect(code).toBe(1)
    expect(stderr).toContain('field "nothing" does not exist')
  })
})

describe('kubectl wait', currentOnly, () => {
  it('waits for a condition', async () => {
    expect(await k.kubectl(['wait', '--for=condition=Ready', 'game/andromeda'])).toEqual(
      ok('game.galaxy.dev/andromeda condition met\n'),
    )
    expect(await k.kubectl(['wait', '--for=condition=Ready=false', 'game/andromeda', '--timeout=100ms'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: timed out waiting for the condition on games/andromeda\n',
    })
  })
})

describe('discovery', currentOnly, () => {
  it('lists what the server serves', async () => {
    const { code, stdout } = await k.kubectl([
      'api-resources',
      '--api-group=galaxy.dev',
      '--sort-by=name',
      '--no-headers',
    ])
    expect(code).toBe(0)
    expect(stdout.trim().split('\n').map(cells)).toEqual([
      ['engineversions', 'gev', 'galaxy.dev/v1', 'true', 'EngineVersion'],
      ['games', 'gm', 'galaxy.dev/v1', 'true', 'Game'],
    ])
    const all = (await k.kubectl(['api-resources', '-o', 'name'])).stdout.split('\n')
    expect(all).toEqual(
      expect.arrayContaining(['events', 'namespaces', 'leases.coordination.k8s.io', 'games.galaxy.dev']),
    )
    expect((await k.kubectl(['api-versions'])).stdout.split('\n')).toEqual(
      expect.arrayContaining(['v1', 'galaxy.dev/v1', 'coordination.k8s.io/v1', 'events.k8s.io/v1']),
    )
  })

  it('works the old way too', async () => {
    const groups: unknown = JSON.parse((await get('--raw', '/apis')).stdout)
    expect(groups).toMatchObject({
      kind: 'APIGroupList',
      groups: expect.arrayContaining([expect.objectContaining({ name: 'galaxy.dev' })]),
    })
    const resources: unknown = JSON.parse((await get('--raw', '/apis/galaxy.dev/v1')).stdout)
    expect(resources).toMatchObject({
      kind: 'APIResourceList',
      resources: expect.arrayContaining([
        expect.objectContaining({ name: 'games/status', verbs: ['get', 'patch', 'update'] }),
      ]),
    })
  })

  it('tells who one is', since(28), async () => {
    expect((await k.kubectl(['auth', 'whoami', '-o', 'name'])).code).toBe(0)
  })

  it('tells its version, that it is well, and what one may do', async () => {
    expect((await k.kubectl(['version', '-o', 'json'])).stdout).toContain('"serverVersion"')
    expect(await get('--raw', '/readyz')).toEqual(ok('ok'))
    expect(await k.kubectl(['auth', 'can-i', 'create', 'games'])).toEqual(ok('yes\n'))
  })

  it('has our definitions', async () => {
    expect((await get('crd', 'games.galaxy.dev', '-o', 'jsonpath={.spec.names.kind}')).stdout).toBe('Game')
  })
})
