import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endGroup } from './ending.ts'
import { isProcess, type ProcessId } from './identity.ts'
import { launchEngine } from './launch.ts'
import { type EngineRecord, type GamePaths, gamePaths, writeRecord } from './record.ts'
import { declareStart, recoverRecord, startedProcess, startFiles, withdrawStarts } from './starts.ts'

let dir = ''
let paths: GamePaths
const running: ProcessId[] = []
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-starts-'))
  paths = gamePaths(dir, 'uid-1')
  await mkdir(paths.state, { recursive: true })
})
afterEach(async () => {
  for (const each of running.splice(0)) await endGroup(each, 0)
  await rm(dir, { recursive: true, force: true })
})

const record: EngineRecord = {
  game: { namespace: 'default', name: 'x', uid: 'uid-1' },
  nonce: '0b0e7b8a-6c1f-4a53-9b50-6d1c53b1a111',
  epoch: 1,
  image: 'x',
  specHash: 'x',
  port: 20_000,
  startedAt: '2026-01-01T00:00:00.000Z',
  logFrom: 0,
  stopRequested: false,
}

async function launch(script: string) {
  const launched = await launchEngine({
    paths,
    record,
    command: ['/bin/sh', '-c', script],
    env: [],
    orphanGraceMs: 1000,
  })
  running.push(launched.process)
  return launched
}

describe('a start that its platform did not live to record', () => {
  it('is found by what its process wrote', async () => {
    await writeRecord(paths, record)
    await declareStart(paths, record.nonce)
    const { process } = await launch('exec sleep 60')
    await expect.poll(() => startedProcess(paths, record.nonce)).toEqual(process)
    await writeFile(paths.record, 'torn')
    expect(await recoverRecord(paths)).toEqual({ ...record, process })
  })

  it('runs no engine any more once it is withdrawn', async () => {
    await writeRecord(paths, record)
    await declareStart(paths, record.nonce)
    const { process } = await launch('exec sleep 60')
    await expect.poll(() => startedProcess(paths, record.nonce)).toBeDefined()
    await withdrawStarts(paths)
    expect(await isProcess(process)).toBe(false)
    expect(await recoverRecord(paths)).toBeUndefined()
  })

  it('leaves none of its files once it is withdrawn', async () => {
    await writeRecord(paths, record)
    await declareStart(paths, record.nonce)
    await writeFile(startFiles(paths, record.nonce).pid, 'torn')
    await writeFile(`${paths.record}.a-draft.tmp`, 'torn')
    await withdrawStarts(paths)
    expect((await readdir(paths.root)).sort()).toEqual(['instance.json', 'state'])
  })

  it('never runs one if it is withdrawn before its process came up', async () => {
    await writeRecord(paths, record)
    await declareStart(paths, record.nonce)
    await withdrawStarts(paths)
    const { ended } = await launch('echo ran >"$GALAXY_STATE_DIR/ran"')
    expect(await ended).toEqual({ code: 75 })
    await expect(readFile(join(paths.state, 'ran'))).rejects.toThrow('ENOENT')
  })

  it('is not found in what is left of another, and a stranger with its id is left alone', async () => {
    const { pid } = startFiles(paths, record.nonce)
    await writeFile(pid, `${process.pid}\nanother-boot\n${process.pid} (sh) S ${'1 '.repeat(40)}\nend\n`)
    expect(await recoverRecord(paths)).toBeUndefined()
    await withdrawStarts(paths)
    await expect(readFile(pid)).rejects.toThrow('ENOENT')
  })
})
