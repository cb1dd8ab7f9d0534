import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { initBody, startTestEngine, temporaryDir } from './fixtures.ts'
import { nodeDisk } from './state/disk.ts'

describe('epochs', () => {
  it('refuses a lower epoch than the highest it has seen, and tells that one', async () => {
    await using dir = await temporaryDir()
    await using engine = await startTestEngine({ dir: dir.path })
    await engine.init(initBody(), 3)
    expect((await engine.turn(1, 5)).status).toBe(200)
    const stale = { status: 409, json: { code: 'stale_epoch', epoch: 5 } }
    expect(await engine.status(4)).toMatchObject(stale)
    expect(await engine.turn(2, 3)).toMatchObject(stale)
    expect(await engine.order('Terrans', 2, [], 1)).toMatchObject(stale)
    expect(await engine.banish('Terrans', 4)).toMatchObject(stale)
    expect((await engine.status(5)).json['turn']).toBe(1)
  })

  it('remembers it after a restart', async () => {
    await using dir = await temporaryDir()
    {
      await using engine = await startTestEngine({ dir: dir.path, epoch: 7 })
      await engine.init(initBody(), 7)
    }
    await using engine = await startTestEngine({ dir: dir.path })
    expect(await engine.status(6)).toMatchObject({ status: 409, json: { code: 'stale_epoch', epoch: 7 } })
    expect((await engine.status(7)).status).toBe(200)
  })

  it('does not start under a lower one', async () => {
    await using dir = await temporaryDir()
    {
      await using _engine = await startTestEngine({ dir: dir.path, epoch: 7 })
    }
    await expect(startTestEngine({ dir: dir.path, epoch: 6 })).rejects.toThrow(/^setting GALAXY_ENGINE_EPOCH: .*7/)
  })

  it('ends an engine as soon as a newer one has taken over, before it writes anything', async () => {
    await using dir = await temporaryDir()
    const onStale = vi.fn<() => void>()
    await using old = await startTestEngine({ dir: dir.path, epoch: 1, onStale })
    await old.init(initBody())
    await using next = await startTestEngine({ dir: dir.path, epoch: 2 })
    expect(await old.turn(1)).toMatchObject({ status: 409, json: { code: 'stale_epoch', epoch: 2 } })
    expect(await old.turn(1, 3)).toMatchObject({ status: 409, json: { code: 'stale_epoch' } })
    expect(onStale).toHaveBeenCalledTimes(1)
    expect(await readdir(join(dir.path, 'turns'))).toEqual(['000000.json'])
    expect((await next.turn(1, 2)).status).toBe(200)
  })

  it('stops an engine that had been frozen just before putting its turn in place', async () => {
    await using dir = await temporaryDir()
    const frozen = Promise.withResolvers<void>()
    const thaw = Promise.withResolvers<void>()
    const link = async (from: string, to: string) => {
      if (!to.endsWith('000001.json')) return nodeDisk.link(from, to)
      frozen.resolve()
      await thaw.promise
      return nodeDisk.link(from, to)
    }
    await using old = await startTestEngine({ dir: dir.path, epoch: 1, disk: { ...nodeDisk, link } })
    await old.init(initBody())
    const late = old.turn(1)
    await frozen.promise
    await using next = await startTestEngine({ dir: dir.path, epoch: 2 })
    const peace = [{ type: 'stance', raceName: 'Vegans', stance: 'peace' }]
    expect((await next.order('Terrans', 1, peace, 2)).status).toBe(200)
    thaw.resolve()
    expect(await late).toMatchObject({ status: 409, json: { code: 'stale_epoch' } })
    await next.turn(1, 2)
    // The orders that the new engine has accepted are in the turn.
    expect((await next.report('Vegans', 1)).json['races']).toMatchObject([
      { raceName: 'Terrans', theirStance: 'peace' },
    ])
  })
})

describe('two engines on one directory', () => {
  it('make every turn once, and answer alike', async () => {
    await using dir = await temporaryDir()
    await using one = await startTestEngine({ dir: dir.path })
    await using two = await startTestEngine({ dir: dir.path })
    await Promise.all([one.init(initBody()), two.init(initBody())])
    for (let turn = 1; turn <= 10; turn += 1) {
      const answers = await Promise.all([one.turn(turn), two.turn(turn)])
      const made = answers.filter(({ status }) => status === 200)
      expect(made.length, `turn ${turn}`).toBeGreaterThan(0)
      expect(new Set(made.map(({ text }) => text)).size, `turn ${turn}`).toBe(1)
    }
    const reports = await Promise.all([one.report('Terrans', 10), two.report('Terrans', 10)])
    expect(reports[0]?.text).toBe(reports[1]?.text)
    expect((await readdir(join(dir.path, 'turns'))).length).toBe(11)
  })

  it('of different epochs commit each turn under one of them only', async () => {
    await using dir = await temporaryDir()
    await using old = await startTestEngine({ dir: dir.path, epoch: 1 })
    await old.init(initBody())
    const starting = startTestEngine({ dir: dir.path, epoch: 2 })
    const racing: Promise<{ status: number; text: string }>[] = []
    for (let turn = 1; turn <= 5; turn += 1) racing.push(old.turn(turn))
    await using next = await starting
    const before = await Promise.all(racing)
    const made = before.filter(({ status }) => status === 200).length
    expect((await next.status(2)).json['turn']).toBe(made)
    expect(before.slice(0, made).every(({ status }) => status === 200)).toBe(true)
    expect((await next.turn(made + 1, 2)).status).toBe(200)
  })
})
