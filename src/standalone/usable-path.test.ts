import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataDir } from './data-dir.ts'
import { storageChecks } from './doctor/storage.ts'
import { layoutOf } from './layout.ts'
import { resolveDataDir } from './usable-path.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-path-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** What the doctor says of a data directory. */
async function examined(path: string) {
  const [check] = storageChecks(layoutOf(path))
  return (await check?.())?.[0]
}

describe('a data directory that cannot be used', () => {
  it.each([
    { what: 'in /proc', make: async () => '/proc/x', said: 'choose another' },
    { what: 'deep in /proc', make: async () => '/proc/x/y/z', said: 'choose another' },
    { what: 'in /sys', make: async () => '/sys/x', said: 'choose another' },
    {
      what: 'that is a file',
      make: async () => {
        await writeFile(join(dir, 'file'), '')
        return join(dir, 'file')
      },
      said: 'is a file',
    },
    {
      what: 'below a file',
      make: async () => {
        await writeFile(join(dir, 'file'), '')
        return join(dir, 'file', 'below')
      },
      said: 'a part of its path is a file',
    },
    {
      what: 'behind symbolic links in a circle',
      make: async () => {
        await symlink(join(dir, 'b'), join(dir, 'a'))
        await symlink(join(dir, 'a'), join(dir, 'b'))
        return join(dir, 'a')
      },
      said: 'lead in a circle',
    },
    {
      what: 'with a name that is too long',
      make: async () => join(dir, 'x'.repeat(300)),
      said: 'ENAMETOOLONG',
    },
  ])('$what is refused at once by the start and by the doctor alike', async ({ make, said }) => {
    const path = await make()
    const before = await readdir(dir)
    await expect(openDataDir(path)).rejects.toThrow(said)
    expect(await examined(path)).toMatchObject({ state: 'fail', said: expect.stringContaining(said) })
    expect(await readdir(dir)).toEqual(before)
  })

  it('is refused where a symbolic link leads nowhere', async () => {
    await symlink(join(dir, 'nowhere', 'at', 'all'), join(dir, 'link'))
    await expect(openDataDir(join(dir, 'link'))).rejects.toThrow('a part of its path is no folder')
  })

  it('is refused on a file system without space', async () => {
    const mounted = await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'none', dir]).then(
      () => true,
      () => false,
    )
    // Only root may mount.
    if (!mounted) return
    try {
      await expect(openDataDir(join(dir, 'data'))).rejects.toThrow('free some space')
      expect(await examined(join(dir, 'data'))).toMatchObject({ state: 'fail' })
      await promisify(execFile)('mount', ['-o', 'remount,ro', dir])
      await expect(openDataDir(join(dir, 'data'))).rejects.toThrow('EROFS')
    } finally {
      await promisify(execFile)('umount', [dir])
    }
  })

  it.each([
    { path: '', said: 'is empty' },
    { path: ' ', said: 'is empty' },
    { path: '/data/a\nb', said: 'control character' },
    { path: '/data/\u0000', said: 'control character' },
    { path: '/data/\uFFFD', said: 'not UTF-8' },
    { path: '/data/a:b', said: 'KUBECONFIG' },
    { path: `/data/${'long/'.repeat(200)}`, said: '800 are possible' },
  ])('is refused by its path alone: $said', ({ path, said }) => {
    expect(() => resolveDataDir(path)).toThrow(said)
    expect(() => resolveDataDir(path)).toThrow(/^[^\n]*$/)
  })
})

describe('a data directory', () => {
  it('may have spaces, quotes and letters of any language in its path, and be below folders that are missing', async () => {
    const path = join(dir, "it's a", 'Größe 数据 $HOME', 'deep')
    await using layout = await openDataDir(path)
    expect(layout.root).toBe(path)
    expect(await readdir(path)).not.toContainEqual(expect.stringContaining('trial'))
  })

  it('that a killed trial has left something in is still empty', async () => {
    await mkdir(join(dir, '.galaxy-trial-abcdef'))
    await using layout = await openDataDir(dir)
    expect(await readdir(layout.root)).toContain('version')
  })
})
