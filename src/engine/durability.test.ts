import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { initBody, startTestEngine, temporaryDir } from './fixtures.ts'
import { type Disk, nodeDisk } from './state/disk.ts'

const turnFiles = async (dir: string) => (await readdir(join(dir, 'turns'))).sort()

async function leftovers(dir: string): Promise<string[]> {
  return (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.tmp'))
}

/** A disk whose writes fail while `broken` names an error. */
function fragileDisk() {
  const state: { broken: string | undefined } = { broken: undefined }
  const failing =
    <T extends readonly unknown[], R>(work: (...args: T) => Promise<R>) =>
    async (...args: T): Promise<R> => {
      if (state.broken === undefined) return work(...args)
      throw Object.assign(new Error(state.broken), { code: state.broken, syscall: 'write' })
    }
  const disk = (operations: readonly (keyof Disk)[]): Disk => ({
    ...nodeDisk,
    ...Object.fromEntries(
      operations.map((name) => [name, failing(nodeDisk[name] as (...args: unknown[]) => Promise<unknown>)]),
    ),
  })
  return { state, disk }
}

describe('settings with a number beyond 2^53 (abuse 105)', () => {
  it('create the same game again, before and after a restart', async () => {
    await using dir = await temporaryDir()
    const body = initBody(undefined, { seed: JSON.rawJSON('9007199254740993') })
    await using engine = await startTestEngine({ dir: dir.path })
    const first = await engine.init(body)
    expect(first.status).toBe(200)
    expect(await engine.init(body)).toEqual(first)
    expect((await engine.init(initBody(undefined, { seed: '9007199254740992' }))).status).toBe(409)
    await using again = await startTestEngine({ dir: dir.path })
    expect(await again.init(body)).toEqual(first)
  })
})

describe('an engine on a failing disk', () => {
  it.each([
    ['ENOSPC', 'createFile'],
    ['EROFS', 'createFile'],
    ['EACCES', 'link'],
    ['EIO', 'syncFolder'],
  ] as const)(
    'answers 503 at %s of %s, changes nothing that counts, and works again later',
    async (code, operation) => {
      await using dir = await temporaryDir()
      const { state, disk } = fragileDisk()
      await using engine = await startTestEngine({ dir: dir.path, disk: disk([operation]) })
      await engine.init(initBody())
      await engine.turn(1)
      state.broken = code
      const refused = { status: 503, json: { code: 'state_unwritable' } }
      expect(await engine.turn(2)).toMatchObject(refused)
      if (operation === 'createFile') expect(await engine.order('Terrans', 2, [])).toMatchObject(refused)
      expect((await engine.report('Terrans', 1)).status).toBe(200)
      expect(await leftovers(dir.path)).toEqual([])
      state.broken = undefined
      const second = await engine.turn(2)
      expect(second).toMatchObject({ status: 200, json: { turn: 2 } })
      await using again = await startTestEngine({ dir: dir.path })
      expect((await again.turn(2)).text).toBe(second.text)
    },
  )

  it('finishes a new epoch that could only be stored in part', async () => {
    await using dir = await temporaryDir()
    const { state, disk } = fragileDisk()
    const onStale = vi.fn<() => void>()
    await using engine = await startTestEngine({ dir: dir.path, disk: disk(['syncFolder']), onStale })
    await engine.init(initBody())
    state.broken = 'EIO'
    expect((await engine.turn(1, 2)).status).toBe(503)
    state.broken = undefined
    expect((await engine.turn(1, 1)).json['code']).toBe('stale_epoch')
    expect((await engine.turn(1, 2)).status).toBe(200)
    expect(onStale).not.toHaveBeenCalled()
  })
})

describe('a state directory', () => {
  it('whose newest turn is damaged stops the engine from starting, and the file is named', async () => {
    await using dir = await temporaryDir()
    {
      await using engine = await startTestEngine({ dir: dir.path })
      await engine.init(initBody())
      await engine.turn(1)
    }
    const path = join(dir.path, 'turns', '000001.json')
    const text = await readFile(path, 'utf8')
    for (const damaged of [text.slice(0, -40), text.replace('"population":1', '"population":2'), '']) {
      await writeFile(path, damaged)
      await expect(startTestEngine({ dir: dir.path })).rejects.toThrow(/GALAXY_STATE_DIR: .*000001\.json/)
    }
    await writeFile(path, text)
    await using engine = await startTestEngine({ dir: dir.path })
    expect((await engine.status()).json['turn']).toBe(1)
  })

  it('that cannot be made stops the engine from starting, in one line', async () => {
    await using dir = await temporaryDir()
    await writeFile(join(dir.path, 'file'), '')
    await expect(startTestEngine({ dir: join(dir.path, 'file', 'below') })).rejects.toThrow(
      /^setting GALAXY_STATE_DIR: /,
    )
  })

  it('is cleaned of what a crash left behind', async () => {
    await using dir = await temporaryDir()
    {
      await using engine = await startTestEngine({ dir: dir.path, epoch: 4 })
      await engine.init(initBody(), 4)
    }
    const [folder = ''] = await readdir(join(dir.path, 'fence'))
    await writeFile(join(dir.path, 'fence', folder, 'half.tmp'), '{')
    await using engine = await startTestEngine({ dir: dir.path, epoch: 5 })
    expect((await engine.turn(1, 5)).status).toBe(200)
    expect(await leftovers(dir.path)).toEqual([])
    expect(await turnFiles(dir.path)).toEqual(['000000.json', '000001.json'])
  })
})

describe('an engine whose state directory is removed while it runs', () => {
  async function played(dir: string) {
    const engine = await startTestEngine({ dir })
    await engine.init(initBody())
    await engine.turn(1)
    return engine
  }

  it.each(['.', 'turns'])('says that it has no game any more, and generates no turn (%s)', async (removed) => {
    await using dir = await temporaryDir()
    await using engine = await played(dir.path)
    await rm(join(dir.path, removed), { recursive: true })
    expect((await engine.status()).json).toMatchObject({ initialized: false, turn: 0, players: [] })
    expect(await engine.turn(2)).toMatchObject({ status: 409, json: { code: 'not_initialized' } })
    expect((await engine.order('Terrans', 2, [])).status).toBe(409)
  })

  it('goes on where it was once its state is restored', async () => {
    await using dir = await temporaryDir()
    await using backup = await temporaryDir()
    await using engine = await played(dir.path)
    await cp(dir.path, backup.path, { recursive: true })
    await rm(dir.path, { recursive: true })
    expect((await engine.status()).json).toMatchObject({ initialized: false })
    await cp(backup.path, dir.path, { recursive: true })
    expect((await engine.status()).json).toMatchObject({ initialized: true, turn: 1 })
    expect(await engine.turn(2)).toMatchObject({ status: 200, json: { turn: 2 } })
  })

  it('creates its game again when it is asked to', async () => {
    await using dir = await temporaryDir()
    await using engine = await played(dir.path)
    await rm(dir.path, { recursive: true })
    expect(await engine.init(initBody())).toMatchObject({ status: 200, json: { turn: 0 } })
    await using again = await startTestEngine({ dir: dir.path })
    expect((await again.status()).json).toMatchObject({ initialized: true, turn: 0 })
  })

  it('says at which turn it stands when the newest one is removed', async () => {
    await using dir = await temporaryDir()
    await using engine = await played(dir.path)
    await rm(join(dir.path, 'turns', '000001.json'))
    expect((await engine.status()).json).toMatchObject({ initialized: true, turn: 0 })
  })
})
