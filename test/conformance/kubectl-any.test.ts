import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, createClient } from './client.ts'
import { commands, gameText, ok, ready } from './games.ts'
import { openTarget, type Target } from './target.ts'

// The way through the product with whatever kubectl there is, Debian's 1.20 included: only what all of them print.

let target: Target
let k: ReturnType<typeof commands>
let client: Client
beforeAll(async () => {
  target = await openTarget()
  k = commands(target)
  client = createClient(target)
})
afterAll(() => target[Symbol.asyncDispose]())

const seed = (value: number) => ({ spec: { settings: { seed: value } } })

describe.concurrent('any kubectl', () => {
  it('applies, shows what differs, and applies again', async () => {
    expect(await k.send(gameText('a'), 'apply')).toEqual(ok('game.galaxy.dev/a created\n'))
    expect(await k.send(gameText('a'), 'apply')).toEqual(ok('game.galaxy.dev/a unchanged\n'))
    expect(await k.send(gameText('a'), 'diff')).toEqual(ok(''))
    const { code, stdout } = await k.send(gameText('a', seed(2)), 'diff')
    expect(code).toBe(1)
    expect(stdout).toContain('-    seed: 1\n+    seed: 2\n')
    expect(await k.send(gameText('a', seed(2)), 'apply')).toEqual(ok('game.galaxy.dev/a configured\n'))
  })

  it('tries on the server', async () => {
    expect(await k.send(gameText('tried'), 'apply', '--dry-run=server')).toEqual(
      ok('game.galaxy.dev/tried created (server dry run)\n'),
    )
  })

  it('applies server-side, and is told of conflicts', async () => {
    const apply = (value: number, manager: string) =>
      k.send(gameText('ssa', seed(value)), 'apply', '--server-side', `--field-manager=${manager}`)
    expect(await apply(1, 'ada')).toEqual(ok('game.galaxy.dev/ssa serverside-applied\n'))
    const { code, stderr } = await apply(2, 'bob')
    expect(code).toBe(1)
    expect(stderr).toContain('Apply failed with 1 conflict: conflict with "ada"')
    expect(stderr).toContain('.spec.settings.seed')
  })

  it('reads', async () => {
    await k.create('read')
    await client.patchStatus('read', { status: { phase: 'Running', turn: { number: 3 }, conditions: [ready] } })
    const { stdout } = await k.kubectl(['get', 'game', 'read'])
    expect(stdout).toMatch(/^NAME +PHASE +TURN +NEXT +PLAYERS +ENGINE +AGE *\nread +Running +3 +\d+s\n$/)
    expect(await k.field('read', '.status.phase')).toBe('Running')
    expect((await k.kubectl(['describe', 'game', 'read'])).stdout).toMatch(/\nEvents: +<none>\n$/)
    expect(await k.kubectl(['wait', '--for=condition=Ready', 'game/read'])).toEqual(
      ok('game.galaxy.dev/read condition met\n'),
    )
  })

  it('changes', async () => {
    await k.create('changed')
    const env = { KUBE_EDITOR: "sed -i 's/seed: 1/seed: 7/'" }
    expect(await k.kubectl(['edit', 'game', 'changed'], { env })).toEqual(ok('game.galaxy.dev/changed edited\n'))
    const patch = ['patch', 'game', 'changed', '--type=merge', '-p', '{"spec":{"displayName":"A"}}']
    expect(await k.kubectl(patch)).toEqual(ok('game.galaxy.dev/changed patched\n'))
    expect(await k.kubectl(['label', 'game', 'changed', 'a=b'])).toEqual(ok('game.galaxy.dev/changed labeled\n'))
    expect(JSON.parse(await k.field('changed', '.spec'))).toMatchObject({ displayName: 'A', settings: { seed: 7 } })
  })

  it('is told which field is wrong', async () => {
    const { code, stderr } = await k.send(gameText('wrong', { spec: { runState: 'Flying' } }), 'apply')
    expect(code).toBe(1)
    expect(stderr).toContain('The Game "wrong" is invalid: spec.runState: Unsupported value: "Flying"')
  })

  it('deletes', async () => {
    await k.create('deleted')
    expect((await k.kubectl(['delete', 'game', 'deleted'])).stdout).toContain('game.galaxy.dev "deleted" deleted')
    expect(await k.kubectl(['get', 'game', 'deleted'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): games.galaxy.dev "deleted" not found\n',
    })
  })
})
