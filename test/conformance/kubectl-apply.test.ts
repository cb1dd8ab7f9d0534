import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands, gameText, ok } from './games.ts'
import { currentOnly } from './kubectl.ts'
import { serverSince, since } from './server.ts'
import { openTarget, type Target } from './target.ts'

let target: Target
let k: ReturnType<typeof commands>
beforeAll(async () => {
  target = await openTarget()
  k = commands(target)
})
afterAll(() => target[Symbol.asyncDispose]())

const seed = (value: number) => ({ spec: { settings: { seed: value } } })

describe('kubectl apply', currentOnly, () => {
  it('creates, leaves unchanged, and configures', async () => {
    expect(await k.send(gameText('a'), 'apply')).toEqual(ok('game.galaxy.dev/a created\n'))
    const version = await k.field('a', '.metadata.resourceVersion')
    expect(await k.send(gameText('a'), 'apply')).toEqual(ok('game.galaxy.dev/a unchanged\n'))
    expect(await k.field('a', '.metadata.resourceVersion')).toBe(version)
    expect(await k.send(gameText('a', seed(2)), 'apply')).toEqual(ok('game.galaxy.dev/a configured\n'))
    expect(await k.field('a', '.spec.settings.seed')).toBe('2')
    expect(await k.field('a', '.metadata.generation')).toBe('2')
  })

  it('removes what it applied before, and keeps what others and the defaults set', async () => {
    await k.send(gameText('pruned', { spec: { displayName: 'Old', turns: { maxTurns: 5 } } }), 'apply')
    await k.kubectl(['patch', 'game', 'pruned', '--type=merge', '-p', '{"spec":{"turns":{"forceToken":"1"}}}'])
    expect(await k.send(gameText('pruned', { spec: { turns: {} } }), 'apply')).toEqual(
      ok('game.galaxy.dev/pruned configured\n'),
    )
    expect(JSON.parse(await k.field('pruned', '.spec.turns'))).toEqual({
      forceToken: '1',
      timeZone: 'UTC',
      catchUp: 'One',
    })
    expect(await k.field('pruned', '.spec.displayName')).toBe('')
  })

  it('takes several objects, also of several kinds', async () => {
    const version = { apiVersion: 'galaxy.dev/v1', kind: 'EngineVersion', metadata: { name: 'v' } }
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [JSON.parse(gameText('many')), { ...version, spec: { version: '1.0.3', image: 'engine:1' } }],
    }
    expect(await k.send(JSON.stringify(list), 'apply')).toEqual(
      ok('game.galaxy.dev/many created\nengineversion.galaxy.dev/v created\n'),
    )
  })

  it('prints what it would do when it only tries', async () => {
    expect(await k.send(gameText('dry'), 'apply', '--dry-run=server')).toEqual(
      ok('game.galaxy.dev/dry created (server dry run)\n'),
    )
    expect(await k.kubectl(['get', 'game', 'dry'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): games.galaxy.dev "dry" not found\n',
    })
  })
})

describe('kubectl apply --server-side', currentOnly, () => {
  const apply = (name: string, value: number, ...more: string[]) =>
    k.send(gameText(name, seed(value)), 'apply', '--server-side', ...more)

  it('creates, and changes nothing at all the second time', async () => {
    expect(await apply('ssa', 1)).toEqual(ok('game.galaxy.dev/ssa serverside-applied\n'))
    const version = await k.field('ssa', '.metadata.resourceVersion')
    expect(await apply('ssa', 1)).toEqual(ok('game.galaxy.dev/ssa serverside-applied\n'))
    expect(await k.field('ssa', '.metadata.resourceVersion')).toBe(version)
    expect(await k.field('ssa', '.metadata.generation')).toBe('1')
  })

  it('names the field another manager holds, and takes it by force', async () => {
    await apply('contested', 1, '--field-manager=ada')
    const { code, stdout, stderr } = await apply('contested', 2, '--field-manager=bob')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: Apply failed with 1 conflict: conflict with "ada": \.spec\.settings\.seed\n/)
    expect(await k.field('contested', '.spec.settings.seed')).toBe('1')
    expect((await apply('contested', 2, '--field-manager=bob', '--force-conflicts')).code).toBe(0)
    expect(await k.field('contested', '.spec.settings.seed')).toBe('2')
  })

  it('names all of them, below the manager that holds them', since(22), async () => {
    await k.send(gameText('updated'), 'create')
    const changes = { settings: { seed: 2 }, players: [{ userId: 'eve', raceName: 'Terrans' }] }
    const { code, stderr } = await k.send(gameText('updated', { spec: changes }), 'apply', '--server-side')
    expect(code).toBe(1)
    expect(stderr).toContain(
      'error: Apply failed with 2 conflicts: conflicts with "kubectl-create" using galaxy.dev/v1:\n' +
        '- .spec.players[raceName="Terrans"].userId\n- .spec.settings.seed\n',
    )
  })

  it('takes over what client-side apply manages, and removes it when it is applied no more', async () => {
    await k.send(gameText('moved', { spec: { displayName: 'A' } }), 'apply')
    expect((await k.send(gameText('moved', { spec: { displayName: 'B' } }), 'apply', '--server-side')).code).toBe(0)
    expect(await k.field('moved', '.spec.displayName')).toBe('B')
    expect((await k.send(gameText('moved'), 'apply', '--server-side')).code).toBe(0)
    expect(await k.field('moved', '.spec.displayName')).toBe('')
  })

  it('merges lists by their keys', since(22), async () => {
    const roster = (...names: string[]) => ({ spec: { players: names.map((raceName) => ({ raceName, userId: 'u' })) } })
    const applyAs = (manager: string, names: string[]) =>
      k.send(gameText('merged', roster(...names)), 'apply', '--server-side', `--field-manager=${manager}`)
    await applyAs('ada', ['Terrans', 'Zerks'])
    await applyAs('bob', ['Zerks', 'Protons'])
    await applyAs('ada', ['Terrans'])
    expect((await k.field('merged', '.spec.players[*].raceName')).split(' ').sort()).toEqual([
      'Protons',
      'Terrans',
      'Zerks',
    ])
    await applyAs('bob', ['Protons'])
    expect((await k.field('merged', '.spec.players[*].raceName')).split(' ').sort()).toEqual(['Protons', 'Terrans'])
  })

  it('refuses items that are there twice', since(22), async () => {
    const twice = { spec: { players: [1, 2].map(() => ({ raceName: 'Terrans', userId: 'u' })) } }
    const { code, stderr } = await k.send(gameText('twice', twice), 'apply', '--server-side')
    expect(code).toBe(1)
    expect(stderr).toContain('.spec.players: duplicate entries for key [raceName="Terrans"]')
  })
})

describe('kubectl diff', currentOnly, () => {
  it('exits 0 and is silent when nothing differs, 1 and shows the lines when something does', async () => {
    await k.send(gameText('diffed'), 'apply')
    expect(await k.send(gameText('diffed'), 'diff')).toEqual(ok(''))
    const { code, stdout } = await k.send(gameText('diffed', seed(2)), 'diff')
    expect(code).toBe(1)
    expect(stdout).toContain('-    seed: 1\n+    seed: 2\n')
    expect(stdout).toContain('-  generation: 1\n+  generation: 2\n')
    expect(await k.field('diffed', '.spec.settings.seed')).toBe('1')
  })

  it('shows an object that is not there yet as new', async () => {
    const { code, stdout } = await k.send(gameText('undiffed'), 'diff')
    expect(code).toBe(1)
    expect(stdout).toContain('+  name: undiffed\n')
  })

  it('works for server-side apply too', async () => {
    await k.send(gameText('diffed-ssa'), 'apply', '--server-side')
    expect(await k.send(gameText('diffed-ssa'), 'diff', '--server-side')).toEqual(ok(''))
    expect((await k.send(gameText('diffed-ssa', seed(2)), 'diff', '--server-side')).code).toBe(1)
  })
})

describe('kubectl create and replace', currentOnly, () => {
  it('creates once', async () => {
    expect(await k.send(gameText('created'), 'create')).toEqual(ok('game.galaxy.dev/created created\n'))
    expect(await k.send(gameText('created'), 'create')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error from server (AlreadyExists): error when creating "STDIN": games.galaxy.dev "created" already exists\n',
    })
  })

  it('makes up a name', async () => {
    const generated = gameText('').replace('"name":""', '"generateName":"gen-"')
    const { code, stdout } = await k.send(generated, 'create')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^game\.galaxy\.dev\/gen-[a-z0-9]{5} created\n$/)
  })

  it('answers the whole object, defaults included, to a server dry run that leaves no trace', async () => {
    const { code, stdout } = await k.send(gameText('tried'), 'create', '--dry-run=server', '-o', 'json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      metadata: { name: 'tried', generation: 1, uid: expect.any(String) },
      spec: { runState: 'Running', turns: { timeZone: 'UTC' } },
    })
    expect((await k.kubectl(['get', 'game', 'tried'])).code).toBe(1)
  })

  it('replaces, and refuses what was read before another change', async () => {
    await k.create('replaced')
    const read = (await k.kubectl(['get', 'game', 'replaced', '-o', 'json'])).stdout
    const changed = read.replace('"seed": 1', '"seed": 9')
    expect(await k.send(changed, 'replace')).toEqual(ok('game.galaxy.dev/replaced replaced\n'))
    expect(await k.field('replaced', '.spec.settings.seed')).toBe('9')
    const { code, stderr } = await k.send(read, 'replace')
    expect(code).toBe(1)
    expect(stderr).toContain(
      'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on games.galaxy.dev "replaced": ' +
        'the object has been modified; please apply your changes to the latest version and try again',
    )
  })
})

describe('an object that is wrong', currentOnly, () => {
  it.each(['apply', 'create'])('is refused by %s with the field that nobody knows', since(25), async (verb) => {
    const { code, stderr } = await k.send(gameText('strange', { spec: { turn: {}, engine: { vers: 1 } } }), verb)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^Error from server \(BadRequest\): error when creating "STDIN": Game in version "v1" cannot be handled as a Game: strict decoding error: /,
    )
    expect(stderr).toContain('unknown field "spec.engine.vers"')
    expect(stderr).toContain('unknown field "spec.turn"')
  })

  it('is refused by server-side apply with the field that nobody knows', since(25), async () => {
    const { code, stderr } = await k.send(gameText('strange', { spec: { turn: {} } }), 'apply', '--server-side')
    expect(code).toBe(1)
    expect(stderr).toContain('failed to create typed patch object')
    expect(stderr).toContain('.spec.turn: field not declared in schema')
  })

  it('is taken without those fields when asked to', since(25), async () => {
    const text = gameText('warned', { spec: { turn: {} } })
    const { code, stderr, stdout } = await k.send(text, 'create', '--validate=warn', '-o', 'jsonpath={.spec.turn}')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toBe('Warning: unknown field "spec.turn"\n')
    expect(await k.send(gameText('ignored', { spec: { turn: {} } }), 'create', '--validate=false')).toMatchObject({
      code: 0,
      stderr: '',
    })
  })

  it.each([
    ['an unknown value', { runState: 'Flying' }, 'spec.runState: Unsupported value: "Flying": supported values: '],
    [
      'a wrong type',
      { displayName: 7 },
      'spec.displayName: Invalid value: "integer": spec.displayName in body must be of type string: "integer"',
    ],
    [
      'a number too small',
      { turns: { maxTurns: 0 } },
      'spec.turns.maxTurns: Invalid value: 0: spec.turns.maxTurns in body should be greater than or equal to 1',
    ],
    [
      'a text too short',
      { displayName: '' },
      'spec.displayName: Invalid value: "": spec.displayName in body should be at least 1 chars long',
    ],
    [
      'a text too long',
      { displayName: 'x'.repeat(65) },
      serverSince(24)
        ? 'spec.displayName: Too long: may not be '
        : 'spec.displayName in body should be at most 64 chars long',
    ],
    [
      'a missing field',
      { players: [{ raceName: 'A' }] },
      serverSince(24) ? 'spec.players[0].userId: Required value' : 'spec.players.userId: Required value',
    ],
    [
      'a text of another form',
      { hibernation: { idleAfter: 'soon' } },
      'spec.hibernation.idleAfter: Invalid value: "soon": spec.hibernation.idleAfter in body should match \'^([0-9]+(ms|s|m|h))+$\'',
    ],
    [
      'no date',
      { enrollment: { minPlayers: 1, maxPlayers: 2, closesAt: 'never' } },
      'spec.enrollment.closesAt: Invalid value: "never": spec.enrollment.closesAt in body must be of type date-time: "never"',
    ],
    [
      'a key that is there twice',
      { players: [1, 2].map(() => ({ raceName: 'A', userId: 'u' })) },
      'spec.players[1]: Duplicate value: ',
    ],
    [
      'too many items',
      { engine: { version: '1', env: Array.from({ length: 65 }, (_, n) => ({ name: `N${n}` })) } },
      serverSince(24)
        ? 'spec.engine.env: Too many: 65: must have at most 64 items'
        : 'spec.engine.env in body should have at most 64 items',
    ],
  ])('is refused with the field at fault: %s', async (_what, spec, said) => {
    // For older servers, kubectl would find some of it itself.
    const { code, stdout, stderr } = await k.send(gameText('wrong', { spec }), 'create', '--validate=false')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('The Game "wrong" is invalid: ')
    expect(stderr).toContain(said)
  })

  it('is refused with the field at fault: a broken rule', since(25), async () => {
    const spec = { enrollment: { minPlayers: 3, maxPlayers: 2 } }
    const { code, stdout, stderr } = await k.send(gameText('wrong', { spec }), 'create')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('The Game "wrong" is invalid: spec.enrollment.minPlayers: Invalid value: ')
  })

  it('is refused with all fields at fault', async () => {
    const { stderr } = await k.send(gameText('wrong', { spec: { runState: 'Flying', displayName: 7 } }), 'apply')
    expect(stderr.split('\n').sort()).toEqual([
      '',
      expect.stringMatching(/^\* spec.displayName: Invalid value: /),
      expect.stringMatching(/^\* spec.runState: Unsupported value: /),
      'The Game "wrong" is invalid: ',
    ])
  })

  it('is refused for its name, its labels and its namespace', async () => {
    expect((await k.send(gameText('No_Name'), 'create')).stderr).toMatch(
      /^The Game "No_Name" is invalid: metadata.name: Invalid value: "No_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '\.', and must start and end with an alphanumeric character \(e\.g\. 'example\.com', regex used for validation is /,
    )
    expect((await k.send(gameText('labels', { labels: { '-x': 'a b' } }), 'create')).stderr).toContain(
      'metadata.labels: Invalid value: ',
    )
    const path = join(target.dir, 'elsewhere.json')
    await writeFile(path, gameText('elsewhere'))
    expect(await k.kubectl(['create', '-n', 'no-such-namespace', '-f', path])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('namespaces "no-such-namespace" not found'),
    })
  })
})
