import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataDir, runningOn } from './data-dir.ts'
import { keepKeys } from './keys.ts'
import { layoutOf } from './layout.ts'

let dir = ''

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-data-dir-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('a data directory', () => {
  it('is made with the folders it needs, closed to other accounts', async () => {
    const root = join(dir, 'deep', 'new')
    await using layout = await openDataDir(root)
    expect((await readdir(root)).sort()).toEqual(['engines', 'keys', 'lock', 'mail', 'pid', 'version'])
    expect((await stat(layout.keys)).mode & 0o777).toBe(0o700)
  })

  it('is refused to a second one, naming the process that has it', async () => {
    await using layout = await openDataDir(dir)
    await expect(openDataDir(dir)).rejects.toThrow(`is in use by another galaxy (process ${process.pid})`)
    await expect(runningOn(layout)).resolves.toBe(process.pid)
  })

  it('is free again once let go of', async () => {
    await (await openDataDir(dir))[Symbol.asyncDispose]()
    await expect(runningOn(layoutOf(dir))).resolves.toBeUndefined()
    await using _again = await openDataDir(dir)
  })

  it('goes to exactly one of many that ask at once', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => openDataDir(dir)))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const each of asked) if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]()
  })

  it('is free again after its holder was killed', async () => {
    const module = JSON.stringify(new URL('./data-dir.ts', import.meta.url).href)
    const script = `import(${module}).then(async ({ openDataDir }) => {
      globalThis.held = await openDataDir(process.argv[1]); console.log('held'); setInterval(() => {}, 1000) })`
    const holder = spawn(process.execPath, ['-e', script, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    await expect(openDataDir(dir)).rejects.toThrow(`(process ${holder.pid})`)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await using layout = await openDataDir(dir)
    expect(await readFile(layout.pid, 'utf8')).toBe(`${process.pid}\n`)
  })

  it('forgets the addresses of a killed predecessor', async () => {
    await (await openDataDir(dir))[Symbol.asyncDispose]()
    await writeFile(join(dir, 'endpoints.json'), '{"ready":true}')
    await using _layout = await openDataDir(dir)
    expect(await readdir(dir)).not.toContain('endpoints.json')
  })

  it.each([
    { what: 'files of somebody else', damage: () => writeFile(join(dir, 'thesis.txt'), ''), said: /choose another/ },
    { what: 'another layout', damage: () => writeFile(join(dir, 'version'), '7\n'), said: /layout 7.*knows layout 1/ },
    {
      what: 'a damaged version file',
      damage: () => writeFile(join(dir, 'version'), '\0\0'),
      said: /version is damaged/,
    },
    { what: 'a version folder', damage: () => mkdir(join(dir, 'version')), said: /version is damaged/ },
    {
      what: 'a damaged lock file',
      damage: () => writeFile(join(dir, 'lock'), 'x'.repeat(200)),
      said: /delete this one/,
    },
    {
      what: 'a file in place of a folder',
      damage: () => damageBeside('keys', 'file'),
      said: /keys should be a folder/,
    },
    { what: 'a folder in place of a file', damage: () => damageBeside('kubeconfig', 'folder'), said: /be a file/ },
  ])('with $what is refused, saying what to do, and left as it is', async ({ damage, said }) => {
    await damage()
    const before = await readdir(dir)
    await expect(openDataDir(dir)).rejects.toThrow(said)
    expect((await readdir(dir)).filter((name) => name !== 'lock')).toEqual(before.filter((name) => name !== 'lock'))
  })

  it('that is a file is refused', async () => {
    await writeFile(join(dir, 'file'), '')
    await expect(openDataDir(join(dir, 'file'))).rejects.toThrow('is a file: choose another --data-dir')
    await expect(openDataDir(join(dir, 'file', 'below'))).rejects.toThrow(/cannot be used .*choose another --data-dir/)
  })
})

async function damageBeside(name: string, kind: 'file' | 'folder'): Promise<void> {
  await writeFile(join(dir, 'version'), '1\n')
  await (kind === 'file' ? writeFile(join(dir, name), '') : mkdir(join(dir, name)))
}

describe('the keys of a data directory', () => {
  it('are made once, each its own, for nobody else to read', async () => {
    await using layout = await openDataDir(dir)
    const keys = await keepKeys(layout)
    expect(new Set(Object.values(keys)).size).toBe(4)
    const files = await readdir(layout.keys)
    expect(files).toEqual(expect.arrayContaining(['admin-password', 'code-pepper', 'response-signer.pem']))
    for (const file of files) expect((await stat(join(layout.keys, file))).mode & 0o777, file).toBe(0o600)
    await expect(keepKeys(layout)).resolves.toEqual(keys)
  })

  it.each(['adminToken', 'codePepper', 'responseSigner'] as const)('are refused when %s is damaged', async (name) => {
    await using layout = await openDataDir(dir)
    await writeFile(layout[name], 'x')
    await expect(keepKeys(layout)).rejects.toThrow(`${layout[name]} is damaged`)
  })

  it.each([
    {
      what: 'damaged',
      damage: (path: string) => writeFile(path, 'short'),
      said: /damaged: restore it .* or delete it/,
    },
    { what: 'a folder', damage: (path: string) => mkdir(path), said: /cannot be read/ },
  ])('are refused when one is $what', async ({ damage, said }) => {
    await using layout = await openDataDir(dir)
    await damage(layout.serviceToken)
    await expect(keepKeys(layout)).rejects.toThrow(said)
  })
})
