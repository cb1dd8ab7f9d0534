import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseManifests, readManifests } from './manifests.ts'

const game = (name: string) => `apiVersion: galaxy.dev/v1\nkind: Game\nmetadata:\n  name: ${name}\n`

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-manifests-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('manifests', () => {
  it('are every document of a file, in order', () => {
    expect(parseManifests(`${game('a')}---\n${game('b')}`, 'x').map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it('are the items of a list too', () => {
    const items = ['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'Game', metadata: { name, namespace: 'n' } }))
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    expect(parseManifests(list, 'x').map(({ name, namespace }) => [name, namespace])).toEqual([
      ['a', 'n'],
      ['b', 'n'],
    ])
  })

  it('keep what the file says, whatever it says', () => {
    const [manifest] = parseManifests(`${game('a')}  lables: { x: z }\nspce: 1\n`, 'x')
    expect(manifest?.object).toMatchObject({ metadata: { lables: { x: 'z' } }, spce: 1 })
  })

  it('of a folder are those of its YAML and JSON files, by name', async () => {
    await writeFile(join(dir, 'b.yaml'), game('b'))
    await writeFile(join(dir, 'a.json'), JSON.stringify({ apiVersion: 'v1', kind: 'X', metadata: { name: 'a' } }))
    await writeFile(join(dir, 'notes.txt'), 'not: [yaml')
    await mkdir(join(dir, 'below'))
    expect((await readManifests(dir)).map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it.each([
    { what: 'no YAML', content: 'a: 1\n  b: 2\n', said: /^file: .* at line 1/ },
    { what: 'no object', content: `${game('a')}---\njust text\n`, said: /^file, line 5: no Kubernetes object/ },
    { what: 'no kind', content: 'apiVersion: v1\nmetadata: { name: a }\n', said: /kind: / },
    { what: 'no name', content: 'apiVersion: v1\nkind: X\nmetadata: { name: "" }\n', said: /metadata\.name: / },
  ])('with $what are refused, naming the place', ({ content, said }) => {
    expect(() => parseManifests(content, 'file')).toThrow(said)
  })

  it('that are missing are refused, naming the path', async () => {
    await expect(readManifests(join(dir, 'none.yaml'))).rejects.toThrow('none.yaml: ENOENT')
    await expect(readManifests(dir)).rejects.toThrow(`${dir}: it describes no objects`)
  })
})
