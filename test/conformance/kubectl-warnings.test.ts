import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands, gameText } from './games.ts'
import { currentOnly } from './kubectl.ts'
import { warnsByItself } from './server.ts'
import { openTarget, type Target } from './target.ts'

let target: Target
let k: ReturnType<typeof commands>
beforeAll(async () => {
  target = await openTarget()
  k = commands(target)
})
afterAll(() => target[Symbol.asyncDispose]())

const latest = { spec: { engine: { image: 'engine:latest' } } }
const warning = /^Warning: spec\.engine\.image: "engine:latest" may be another image tomorrow.*\n$/

describe.skipIf(!warnsByItself)('kubectl prints the warning', currentOnly, () => {
  it.each([
    ['create', 'created', []],
    ['apply', 'created', []],
    ['apply', 'serverside-applied', ['--server-side']],
    ['create', 'created (server dry run)', ['--dry-run=server']],
    ['apply', 'created (server dry run)', ['--dry-run=server']],
    ['apply', 'serverside-applied (server dry run)', ['--server-side', '--dry-run=server']],
  ])('of %s: %s', async (verb, done, flags) => {
    const name = [verb, ...done.split(/\W+/)].filter(Boolean).join('-')
    const { code, stdout, stderr } = await k.send(gameText(name, latest), verb, ...flags)
    expect({ code, stdout }).toEqual({ code: 0, stdout: `game.galaxy.dev/${name} ${done}\n` })
    expect(stderr).toMatch(warning)
  })

  it('of replace and patch', async () => {
    await k.create('changed')
    const replaced = await k.send(gameText('changed', latest), 'replace')
    expect(replaced).toMatchObject({ code: 0, stderr: expect.stringMatching(warning) })
    const patch = JSON.stringify({ spec: { displayName: 'Changed' } })
    const patched = await k.kubectl(['patch', 'game', 'changed', '--type=merge', '-p', patch])
    expect(patched).toMatchObject({ code: 0, stderr: expect.stringMatching(warning) })
    expect(await k.kubectl(['label', 'game', 'changed', 'a=b'])).toMatchObject({ code: 0, stderr: '' })
  })
})
