import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands, ok } from './games.ts'
import { currentOnly } from './kubectl.ts'
import { serverSince } from './server.ts'
import { openTarget, type Target } from './target.ts'

let target: Target
let k: ReturnType<typeof commands>
beforeAll(async () => {
  target = await openTarget()
  k = commands(target)
})
afterAll(() => target[Symbol.asyncDispose]())

describe('kubectl edit', currentOnly, () => {
  const edit = (name: string, editor: string) => k.kubectl(['edit', 'game', name], { env: { KUBE_EDITOR: editor } })

  it('writes what the editor changed', async () => {
    await k.create('edited')
    expect(await edit('edited', "sed -i 's/seed: 1/seed: 7/'")).toEqual(ok('game.galaxy.dev/edited edited\n'))
    expect(await k.field('edited', '.spec.settings.seed')).toBe('7')
    expect(await k.field('edited', '.metadata.generation')).toBe('2')
  })

  it('writes nothing when nothing was changed', async () => {
    await k.create('unedited')
    expect(await edit('unedited', 'true')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Edit cancelled, no changes made.\n',
    })
  })

  it('shows a refusal, and gives up when the next attempt changes nothing', async () => {
    await k.create('misedited')
    const { code, stderr } = await edit('misedited', "sed -i 's/runState: Running/runState: Flying/'")
    expect(code).toBe(1)
    expect(stderr).toContain('error: games.galaxy.dev "misedited" is invalid\n')
    const copy = /A copy of your changes has been stored to "(.*)"/.exec(stderr)?.[1] ?? ''
    expect(await readFile(copy, 'utf8')).toContain(
      '\n# * spec.runState: Unsupported value: "Flying": supported values: ',
    )
    expect(await k.field('misedited', '.spec.runState')).toBe('Running')
  })

  it('edits the status where it is asked to', async () => {
    await k.create('status-edited')
    await k.setStatus('status-edited', { phase: 'Pending' })
    const args = ['edit', 'game', 'status-edited', '--subresource=status']
    const env = { KUBE_EDITOR: "sed -i 's/phase: Pending/phase: Running/'" }
    expect(await k.kubectl(args, { env })).toEqual(ok('game.galaxy.dev/status-edited edited\n'))
    expect(await k.field('status-edited', '.status.phase')).toBe('Running')
  })
})

describe('kubectl patch', currentOnly, () => {
  const patch = (name: string, type: string, change: unknown, ...more: string[]) =>
    k.kubectl(['patch', 'game', name, `--type=${type}`, '-p', JSON.stringify(change), ...more])

  it('merges, and says when there was nothing to change', async () => {
    await k.create('merged')
    const change = { spec: { displayName: 'A', turns: { schedule: null } } }
    expect(await patch('merged', 'merge', change)).toEqual(ok('game.galaxy.dev/merged patched\n'))
    expect(await patch('merged', 'merge', change)).toEqual(ok('game.galaxy.dev/merged patched (no change)\n'))
    expect(JSON.parse(await k.field('merged', '.spec'))).toMatchObject({ displayName: 'A', turns: { timeZone: 'UTC' } })
    expect(await k.field('merged', '.spec.turns.schedule')).toBe('')
    expect(await k.field('merged', '.metadata.generation')).toBe('2')
  })

  it('takes JSON patches, and refuses one whose test fails', async () => {
    await k.create('patched')
    const operations = [
      { op: 'test', path: '/spec/settings/seed', value: 1 },
      { op: 'replace', path: '/spec/settings/seed', value: 2 },
      { op: 'add', path: '/spec/players/-', value: { raceName: 'Protons', userId: 'eve' } },
      { op: 'remove', path: '/spec/players/0' },
    ]
    expect(await patch('patched', 'json', operations)).toEqual(ok('game.galaxy.dev/patched patched\n'))
    expect(await k.field('patched', '.spec.players[*].raceName')).toBe('Zerks Protons')
    expect(await patch('patched', 'json', operations)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The request is invalid: the server rejected our request due to an error in our request\n',
    })
  })

  it('refuses what makes an object wrong, and fields nobody knows', async () => {
    await k.create('unpatched')
    expect((await patch('unpatched', 'merge', { spec: { runState: 'Flying' } })).stderr).toContain(
      'The Game "unpatched" is invalid: spec.runState: Unsupported value: "Flying"',
    )
    expect((await patch('unpatched', 'merge', { spec: { engine: null } })).stderr).toContain(
      'spec.engine: Required value',
    )
    expect(await k.field('unpatched', '.metadata.generation')).toBe('1')
  })

  it('refuses strategic merge patches, which only built-in kinds take', async () => {
    await k.create('strategic')
    const { code, stderr } = await patch('strategic', 'strategic', { spec: { displayName: 'A' } })
    expect(code).toBe(1)
    expect(stderr).toContain('application/strategic-merge-patch+json is not supported by galaxy.dev/v1, Kind=Game')
  })

  it('keeps the status and the rest apart', async () => {
    await k.create('apart')
    expect(await patch('apart', 'merge', { status: { phase: 'Running' } })).toEqual(
      ok(`game.galaxy.dev/apart patched${serverSince(22) ? ' (no change)' : ''}\n`),
    )
    const both = { spec: { displayName: 'no' }, status: { phase: 'Running' } }
    expect(await patch('apart', 'merge', both, '--subresource=status')).toEqual(ok('game.galaxy.dev/apart patched\n'))
    expect(await k.field('apart', '.status.phase')).toBe('Running')
    expect(await k.field('apart', '.spec.displayName')).toBe('')
    expect(await k.field('apart', '.metadata.generation')).toBe('1')
  })
})

describe('kubectl label and annotate', currentOnly, () => {
  it('set, keep, overwrite and remove', async () => {
    await k.create('labelled')
    const label = (...args: string[]) => k.kubectl(['label', 'game', 'labelled', ...args])
    expect(await label('tier=gold')).toEqual(ok('game.galaxy.dev/labelled labeled\n'))
    expect(await label('tier=silver')).toEqual({
      code: 1,
      stdout: '',
      stderr: "error: 'tier' already has a value (gold), and --overwrite is false\n",
    })
    expect(await label('tier=silver', '--overwrite')).toEqual(ok('game.galaxy.dev/labelled labeled\n'))
    expect(await label('tier=silver', '--overwrite')).toEqual(ok('game.galaxy.dev/labelled not labeled\n'))
    expect(await label('tier-')).toEqual(ok('game.galaxy.dev/labelled unlabeled\n'))
    expect(await k.kubectl(['annotate', 'game', 'labelled', 'example.com/note=hello'])).toEqual(
      ok('game.galaxy.dev/labelled annotated\n'),
    )
    expect(await k.field('labelled', '.metadata.annotations.example\\.com/note')).toBe('hello')
    expect(await k.field('labelled', '.metadata.generation')).toBe('1')
  })

  it('refuse values that cannot be', async () => {
    await k.create('mislabelled')
    const { code, stderr } = await k.kubectl(['label', 'game', 'mislabelled', `a=${'x'.repeat(64)}`])
    expect(code).toBe(1)
    expect(stderr).toContain('must be no more than 63 ')
  })

  it('work on built-in kinds', async () => {
    const { namespace } = target
    expect(await k.kubectl(['label', 'namespace', namespace, 'tier=gold'])).toEqual(
      ok(`namespace/${namespace} labeled\n`),
    )
    expect(await k.kubectl(['annotate', 'namespace', namespace, 'note=x'])).toEqual(
      ok(`namespace/${namespace} annotated\n`),
    )
    const { stdout } = await k.kubectl(['get', 'namespaces', '-l', 'tier=gold', '-o', 'name'])
    expect(stdout).toContain(`namespace/${namespace}\n`)
  })
})

describe('kubectl delete', currentOnly, () => {
  const gone = async (name: string) => (await k.kubectl(['get', 'game', name])).code === 1

  it('deletes, and waits until it is gone', async () => {
    await k.create('deleted')
    const { code, stdout } = await k.kubectl(['delete', 'game', 'deleted'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^game\.galaxy\.dev "deleted" deleted/) })
    expect(await gone('deleted')).toBe(true)
    expect(await k.kubectl(['delete', 'game', 'deleted'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): games.galaxy.dev "deleted" not found\n',
    })
    expect(await k.kubectl(['delete', 'game', 'deleted', '--ignore-not-found'])).toEqual(ok(''))
  })

  it('waits for finalizers, unless told not to', async () => {
    await k.create('held')
    const finalizers = (list: readonly string[]) =>
      k.kubectl(['patch', 'game', 'held', '--type=merge', '-p', JSON.stringify({ metadata: { finalizers: list } })])
    await finalizers(['example.com/held'])
    expect((await k.kubectl(['delete', 'game', 'held', '--wait=false'])).code).toBe(0)
    expect(await k.field('held', '.metadata.deletionTimestamp')).toMatch(/^\d{4}-/)
    expect((await k.kubectl(['delete', 'game', 'held', '--timeout=300ms'])).code).toBe(1)
    // It says so first, and waits then.
    let released: Promise<unknown> | undefined
    const onOutput = () => (released ??= finalizers([]))
    const waiting = k.kubectl(['delete', 'game', 'held', '--timeout=20s'], { onOutput })
    expect((await waiting).code).toBe(0)
    expect(await gone('held')).toBe(true)
  })

  it('deletes by label', async () => {
    const labels = { batch: 'one' }
    await Promise.all(['batch-1', 'batch-2'].map((name) => k.create(name, { labels })))
    await k.create('batch-3', { labels: { batch: 'two' } })
    const { code, stdout } = await k.kubectl(['delete', 'games', '-l', 'batch=one'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^game\.galaxy\.dev "batch-1" deleted.*\ngame\.galaxy\.dev "batch-2" deleted/)
    expect(await gone('batch-3')).toBe(false)
    expect((await k.kubectl(['delete', 'games', '-l', 'batch=one'])).stdout).toBe('No resources found\n')
  })

  it('deletes by file, and only tries when asked to', async () => {
    const manifest = JSON.stringify({ apiVersion: 'galaxy.dev/v1', kind: 'Game', metadata: { name: 'filed' } })
    await k.create('filed')
    expect((await k.send(manifest, 'delete', '--dry-run=server')).stdout).toMatch(
      /"filed" deleted .*\(server dry run\)|"filed" deleted \(server dry run\)/,
    )
    expect(await gone('filed')).toBe(false)
    expect((await k.send(manifest, 'delete')).code).toBe(0)
    expect(await gone('filed')).toBe(true)
  })
})

describe('namespaces', currentOnly, () => {
  it('keep names apart, and take everything with them when they go', async () => {
    const namespace = `${target.namespace}-b`
    const inside = (...args: string[]) => k.kubectl(['-n', namespace, ...args])
    expect(await k.kubectl(['create', 'namespace', namespace])).toEqual(ok(`namespace/${namespace} created\n`))
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'x' },
      spec: { holderIdentity: 'me' },
    }
    expect((await k.kubectl(['-n', namespace, 'create', '-f', '-'], { stdin: JSON.stringify(lease) })).code).toBe(0)
    expect((await inside('get', 'leases', '-o', 'name')).stdout).toBe('lease.coordination.k8s.io/x\n')
    expect((await k.kubectl(['get', 'leases', '-o', 'name'])).stdout).toBe('')
    expect((await k.kubectl(['delete', 'namespace', namespace])).code).toBe(0)
    expect((await k.kubectl(['get', 'namespace', namespace])).stderr).toBe(
      `Error from server (NotFound): namespaces "${namespace}" not found\n`,
    )
    expect((await inside('get', 'leases', '-o', 'name')).stdout).toBe('')
  })

  it('empty by --all', async () => {
    const namespace = `${target.namespace}-c`
    await k.kubectl(['create', 'namespace', namespace])
    const inside = (args: string[], stdin?: string) => k.kubectl(['-n', namespace, ...args], { stdin })
    const version = (name: string) => ({
      apiVersion: 'galaxy.dev/v1',
      kind: 'EngineVersion',
      metadata: { name },
      spec: { version: '1.0.0', image: 'e' },
    })
    const items = ['a', 'b'].map(version)
    await inside(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
    const { stdout } = await inside(['delete', 'engineversions', '--all'])
    expect(stdout).toMatch(/^engineversion\.galaxy\.dev "a" deleted.*\nengineversion\.galaxy\.dev "b" deleted/)
    expect((await inside(['get', 'engineversions', '-o', 'name'])).stdout).toBe('')
    await k.kubectl(['delete', 'namespace', namespace, '--wait=false'])
  })
})
