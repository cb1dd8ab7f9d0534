import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createDrafts } from './drafts.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'galaxy-drafts-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const draft = { race_name: 'Terrans', turn: 3, orders: [{ type: 'unload', group: 2 }] }

it('a draft is kept for each game, for its owner only, until it is removed', async () => {
  const path = join(await folder(), 'drafts')
  const one = createDrafts(path).of('../one')
  expect(one.read()).toBeUndefined()
  expect(one.write(draft)).toBe(true)
  expect(createDrafts(path).of('../one').read()).toEqual(draft)
  expect(createDrafts(path).of('other').read()).toBeUndefined()
  const [name = ''] = await readdir(path)
  expect((await stat(join(path, name))).mode & 0o777).toBe(0o600)
  one.remove()
  expect(one.read()).toBeUndefined()
  expect(await readdir(path)).toEqual([])
})

it('a file that is no draft is none', async () => {
  const path = await folder()
  await writeFile(join(path, 'g.json'), '{"race_name": "Terrans", "turn": 0}')
  expect(createDrafts(path).of('g').read()).toBeUndefined()
})

it('a draft that cannot be kept is said not to be, and nothing is thrown', async () => {
  const path = await folder()
  await writeFile(join(path, 'file'), '')
  const drafts = createDrafts(join(path, 'file', 'drafts')).of('g')
  expect(drafts.write(draft)).toBe(false)
  drafts.remove()
})
