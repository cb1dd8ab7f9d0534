import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { keepFile } from './kept-file.ts'

async function tokenFile() {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-kept-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const path = join(dir, 'token')
  await writeFile(path, 'one')
  let nowMs = 5000
  return {
    path,
    read: keepFile(path, () => nowMs),
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

it('a file that is replaced is read again within a minute, and not for every call', async () => {
  const { path, read, pass } = await tokenFile()
  expect(await read()).toBe('one')
  await writeFile(path, 'two')
  pass(59_000)
  expect(await read()).toBe('one')
  pass(1000)
  expect(await read()).toBe('two')
})

it('a file that is away for a moment still counts as it was, and is read as soon as it is back', async () => {
  const { path, read, pass } = await tokenFile()
  expect(await read()).toBe('one')
  await rename(path, `${path}-away`)
  pass(60_000)
  expect(await read()).toBe('one')
  await writeFile(path, 'two')
  expect(await read()).toBe('two')
})

it('a file that never was there is an error', async () => {
  await expect(keepFile(join(tmpdir(), 'galaxy-kept-nowhere'))()).rejects.toThrow('ENOENT')
})
