import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processIdentity } from './identity.ts'
import { withLock } from './lock.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-lock-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('a game lock', () => {
  it('lets one in at a time, in the order they came', async () => {
    const seen: string[] = []
    const work = (name: string) =>
      withLock(join(dir, 'a'), async () => {
        seen.push(`${name} in`)
        await new Promise(setImmediate)
        seen.push(`${name} out`)
      })
    await Promise.all([work('x'), work('y'), work('z')])
    expect(seen).toEqual(['x in', 'x out', 'y in', 'y out', 'z in', 'z out'])
  })

  it('passes on what the work answers and throws, is free afterwards, and leaves nothing behind', async () => {
    await expect(withLock(join(dir, 'a'), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withLock(join(dir, 'a'), () => Promise.resolve(7))).toBe(7)
    expect(await readdir(dir)).toEqual([])
  })

  it('of one game does not hold up another', async () => {
    expect(await withLock(join(dir, 'a'), () => withLock(join(dir, 'b'), () => Promise.resolve(1)))).toBe(1)
  })

  it('whose owner is dead is free, even if its id is alive as another process', async () => {
    await mkdir(join(dir, 'a'))
    await writeFile(join(dir, 'a', `${process.pid}~another-start~0`), '')
    await writeFile(join(dir, 'a', '999999999~x~0'), '')
    expect(await withLock(join(dir, 'a'), () => readdir(join(dir, 'a')))).toHaveLength(1)
  })

  it('is waited for while its owner lives in another process', async () => {
    const owner = spawn('sleep', ['60'])
    const identity = encodeURIComponent((await processIdentity(owner.pid ?? 0)) ?? '')
    await mkdir(join(dir, 'a'))
    await writeFile(join(dir, 'a', `${owner.pid}~${identity}~0`), '')
    const got = withLock(join(dir, 'a'), async () => owner.signalCode)
    owner.kill()
    expect(await got).toBe('SIGTERM')
  })

  it('lets one in at a time across processes', async () => {
    const counter = join(dir, 'counter')
    await writeFile(counter, '0')
    const program = `
      import { readFileSync, writeFileSync } from 'node:fs'
      import { withLock } from '${new URL('./lock.ts', import.meta.url).href}'
      for (let round = 0; round < 25; round += 1) {
        await withLock(${JSON.stringify(join(dir, 'a'))}, async () => {
          const before = Number(readFileSync('${counter}', 'utf8'))
          await new Promise(setImmediate)
          writeFileSync('${counter}', String(before + 1))
        })
      }`
    const children = [1, 2, 3].map(() => spawn(process.execPath, ['--input-type=module', '-e', program]))
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number))
    expect(codes).toEqual([0, 0, 0])
    expect(await readFile(counter, 'utf8')).toBe('75')
  }, 20_000)
})
