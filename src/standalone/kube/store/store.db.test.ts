import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { query } from '../../../../test/support/query.ts'
import { silentLog } from '../../../platform/log.ts'
import { startProxy } from '../testing/proxy.ts'
import { type LogEntry, Store } from './index.ts'

const kind = 'games.galaxy.dev'
const key = (name: string) => ({ kind, namespace: 'default', name })
const object = (name: string, turn: number) => ({ metadata: { name }, turn })

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database[Symbol.asyncDispose]())

const open = (url = database.url) => Store.open({ url, log: silentLog, patienceMs: 200 })
const put = (store: Store, name: string, turn = 0) =>
  store.write(key(name), () => ({ do: 'put', object: object(name, turn) }))

describe('the store', () => {
  it('keeps objects and goes on counting versions over a restart', async () => {
    let before = 0
    {
      await using store = await open()
      await put(store, 'a')
      await put(store, 'b')
      await store.write(key('b'), (current) => ({ do: 'delete', object: current?.object ?? {} }))
      before = store.version
    }
    await using store = await open()
    expect(store.list(kind).map(({ name }) => name)).toEqual(['a'])
    expect((await put(store, 'c')).version).toBe(before + 1)
  })

  it('resumes its log over a restart', async () => {
    const heard: LogEntry[] = []
    {
      await using store = await open()
      store.subscribe({ committed: (entries) => heard.push(...entries), reset: () => undefined })
      await put(store, 'a', 1)
      await put(store, 'a', 2)
      await store.write(key('a'), (current) => ({ do: 'delete', object: current?.object ?? {} }))
    }
    await using store = await open()
    expect(store.since(1)).toEqual(heard.slice(1))
    expect(store.listAt(kind, 2)?.map((stored) => stored.object['turn'])).toEqual([2])
    expect(store.since(4)).toBeUndefined()
  })

  it('lets exactly one of many concurrent updates of a version win', async () => {
    await using store = await open()
    await put(store, 'a')
    const wins = new Map<number, number>()
    const writer = async () => {
      for (let round = 0; round < 20; round += 1) {
        const seen = store.get(key('a'))?.version ?? 0
        await store
          .write(key('a'), (current) => {
            if (current?.version !== seen) throw new Error('stale')
            return { do: 'put', object: object('a', seen) }
          })
          .then(
            () => wins.set(seen, (wins.get(seen) ?? 0) + 1),
            () => undefined,
          )
      }
    }
    await Promise.all(Array.from({ length: 10 }, writer))
    expect(wins.size).toBeGreaterThan(10)
    expect([...wins.values()].every((count) => count === 1)).toBe(true)
  })

  it('shows nothing before it is committed', async () => {
    await using store = await open()
    const writing = put(store, 'a')
    expect(store.get(key('a'))).toBeUndefined()
    await writing
    expect(store.get(key('a'))).toBeDefined()
  })

  it('tells of many concurrent writes once each and in order', async () => {
    await using store = await open()
    const heard: number[] = []
    store.subscribe({
      committed: (entries) => heard.push(...entries.map(({ version }) => version)),
      reset: () => undefined,
    })
    await Promise.all(Array.from({ length: 200 }, (_, index) => put(store, `n${index % 17}`, index)))
    expect(heard).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
  })

  it('tells the others although one listener fails', async () => {
    await using store = await open()
    const heard: string[] = []
    const reset = () => undefined
    store.subscribe({
      committed: () => {
        throw new Error('listener')
      },
      reset,
    })
    store.subscribe({ committed: (entries) => heard.push(...entries.map(({ stored }) => stored.name)), reset })
    await put(store, 'a')
    expect(heard).toEqual(['a'])
  })

  it('refuses a database that another server writes to', async () => {
    await using _first = await open()
    await expect(open()).rejects.toThrow('another resource server already writes to this database')
  })

  it('refuses a database that is not there', async () => {
    await expect(open('postgres://127.0.0.1:1/none')).rejects.toThrow('the resource server cannot reach its database')
  })

  it('loses nothing and doubles nothing when connections die between and within commits', async () => {
    const { url, name } = named(database.url)
    const store = await open()
    const acknowledged = new Map<string, number>()
    const heard: LogEntry[] = []
    store.subscribe({ committed: (entries) => heard.push(...entries), reset: () => undefined })
    const over = new AbortController()
    const killer = (async () => {
      while (!over.signal.aborted) {
        await query(
          url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND application_name = 'galaxy-resource-server'`,
        )
      }
    })()
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let round = 0; round < 40; round += 1) {
          const path = `w${writer}-${round}`
          await put(store, path, round).then(
            ({ version }) => acknowledged.set(path, version),
            () => undefined,
          )
        }
      }),
    )
    over.abort()
    await killer
    await vi.waitFor(() => put(store, 'last'), { timeout: 20_000, interval: 50 })
    const inMemory = store.list(kind)
    await store[Symbol.asyncDispose]()
    await using again = await open()
    expect(again.list(kind)).toEqual(inMemory)
    for (const [path, version] of acknowledged) expect(again.get(key(path))?.version).toBe(version)
    expect(heard.map(({ version }) => version)).toEqual(heard.map((_, index) => index + 1))
  })

  it('refuses writes while the database is away, and goes on when it is back', async () => {
    await using proxy = await startProxy(database.url)
    await using store = await open(proxy.url)
    await put(store, 'before')
    proxy.cut()
    await expect(put(store, 'during')).rejects.toMatchObject({ code: 503, reason: 'ServiceUnavailable' })
    await expect(put(store, 'later')).rejects.toMatchObject({ code: 503 })
    expect(store.list(kind).map(({ name }) => name)).toEqual(['before'])
    proxy.mend()
    await vi.waitFor(() => put(store, 'after'), { timeout: 20_000, interval: 20 })
    expect(store.list(kind).map(({ name }) => name)).toEqual(['after', 'before'])
  })

  it('serves nothing once another server has taken over, and catches up when it may write again', async () => {
    await using proxy = await startProxy(database.url)
    await using store = await open(proxy.url)
    const resets = vi.fn<() => void>()
    const heard: string[] = []
    store.subscribe({ committed: (entries) => heard.push(...entries.map(({ stored }) => stored.name)), reset: resets })
    await put(store, 'mine')
    proxy.cut()
    {
      await using other = await vi.waitFor(() => open(), { timeout: 20_000 })
      await put(other, 'theirs')
      proxy.mend()
      await vi.waitFor(() => expect(store.state).toBe('superseded'), { timeout: 20_000 })
      expect(resets).toHaveBeenCalledTimes(1)
    }
    await vi.waitFor(() => expect(store.state).toBe('open'), { timeout: 20_000 })
    expect(store.list(kind).map(({ name }) => name)).toEqual(['mine', 'theirs'])
    expect(heard).toEqual(['mine', 'theirs'])
  })
})

/** The server's own database, from which others may be meddled with, and this one's name. */
function named(databaseUrl: string): { url: string; name: string } {
  const url = new URL(databaseUrl)
  const name = url.pathname.slice(1)
  url.pathname = '/postgres'
  return { url: url.href, name }
}
