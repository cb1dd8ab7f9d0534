import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeFileAtomically } from './files.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-files-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('an atomic write', () => {
  it('replaces the file, with its mode, and leaves nothing beside it', async () => {
    const path = join(dir, 'file')
    await writeFileAtomically(path, 'old')
    await writeFileAtomically(path, 'new', { mode: 0o600 })
    expect(await readFile(path, 'utf8')).toBe('new')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(dir)).toEqual(['file'])
  })

  it('that fails leaves nothing behind', async () => {
    await expect(writeFileAtomically(join(dir, 'missing', 'file'), 'x')).rejects.toThrow('ENOENT')
    await expect(writeFileAtomically(dir, 'x')).rejects.toThrow('EISDIR')
    expect(await readdir(dir)).toEqual([])
  })
})
