import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createResourceClient } from '../../src/platform/kubernetes/client.ts'
import { KubernetesError } from '../../src/platform/kubernetes/errors.ts'
import { createInformer } from '../../src/platform/kubernetes/informer.ts'
import { createScopedInformer } from '../../src/platform/kubernetes/scoped-informer.ts'
import { silentLog } from '../../src/platform/log.ts'
import { type EngineVersion, engineVersionKind } from '../../src/resources/index.ts'
import { startServer } from './server.ts'

const inDefault = { namespace: 'default', fieldManager: 'test' }
const noted = (note: string) => ({ annotations: { note } })
const named = (name: string, note = 'first') => ({
  metadata: { name, ...noted(note) },
  spec: { version: '1.2.3', image: 'engine' },
})
const noteOf = ({ metadata }: EngineVersion) => metadata.annotations['note'] ?? ''

type Server = Awaited<ReturnType<typeof startServer>>

/** An informer, and what it told: each object's last known note by name, and a note of every gap in a story. */
function follow({ config }: Server) {
  const notes = new Map<string, string>()
  const gaps: string[] = []
  const informer = createInformer<EngineVersion>({
    config,
    kind: engineVersionKind,
    log: silentLog,
    backoff: { baseMs: 20, maxMs: 100 },
    onChange: ({ name }, { before, after }) => {
      if ((before && noteOf(before)) !== notes.get(name)) gaps.push(name)
      if (after) notes.set(name, noteOf(after))
      else notes.delete(name)
    },
  })
  onTestFinished(() => informer[Symbol.asyncDispose]())
  informer.start()
  return { informer, notes, gaps }
}

async function untilWritten<T>(write: () => Promise<T>): Promise<T | undefined> {
  return vi.waitFor(
    async () => {
      try {
        return await write()
      } catch (error) {
        // A write whose answer was lost with the server has happened.
        if (error instanceof KubernetesError && error.reason === 'AlreadyExists') return undefined
        throw error
      }
    },
    { timeout: 20_000, interval: 20 },
  )
}

describe('an informer', () => {
  it('shows what is written within a moment', async () => {
    const server = await startServer()
    const { informer, notes } = follow(server)
    await informer.synced()
    const versions = createResourceClient(server.config, engineVersionKind)
    await versions.create(named('a'), inDefault)
    await vi.waitFor(() => expect(notes).toEqual(new Map([['a', 'first']])), { timeout: 20_000, interval: 1 })
    await versions.remove({ namespace: 'default', name: 'a' })
    await vi.waitFor(() => expect(notes.size).toBe(0), { timeout: 20_000, interval: 1 })
  })

  it('reads its own writes', async () => {
    const server = await startServer()
    const { informer, gaps } = follow(server)
    await informer.synced()
    const versions = createResourceClient(server.config, engineVersionKind)
    const key = { namespace: 'default', name: 'a' }
    await versions.create(named('a'), inDefault)
    for (let i = 0; i < 50; i += 1) {
      informer.written(await versions.patch(key, { metadata: noted(`note-${i}`) }, inDefault))
      expect(informer.get(key)?.metadata.annotations).toEqual({ note: `note-${i}` })
    }
    expect(gaps).toEqual([])
  })

  it('loses nothing while the server is stopped and started again, over and over', async () => {
    const server = await startServer()
    const { informer, notes, gaps } = follow(server)
    await informer.synced()
    const versions = createResourceClient(server.config, engineVersionKind, { deadlineMs: 1000 })
    const state = { writing: true }
    const restarts = (async () => {
      for (let i = 0; i < 3; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 150))
        await server.stop()
        await new Promise((resolve) => setTimeout(resolve, 100))
        await server.start()
      }
      state.writing = false
    })()
    for (let i = 0; state.writing || i < 30; i += 1) {
      const key = { namespace: 'default', name: `v-${i % 7}` }
      if (i % 5 === 4) await untilWritten(() => versions.remove(key))
      else {
        await untilWritten(() => versions.create(named(key.name, `first-${i}`), inDefault))
        await untilWritten(() => versions.patch(key, { metadata: noted(`then-${i}`) }, inDefault))
      }
    }
    await restarts
    const { items } = await versions.list()
    const truth = new Map(items.map((each) => [each.metadata.name, noteOf(each)]))
    await vi.waitFor(() => expect(notes).toEqual(truth), { timeout: 20_000, interval: 20 })
    expect(new Map(informer.list().map((each) => [each.metadata.name, noteOf(each)]))).toEqual(truth)
    expect(gaps).toEqual([])
  })

  it('finds deletions and changes of the time when nobody was connected', async () => {
    const server = await startServer()
    const versions = createResourceClient(server.config, engineVersionKind)
    for (const name of ['stays', 'goes', 'changes']) await versions.create(named(name), inDefault)
    const first = follow(server)
    await first.informer.synced()
    await server.stop()
    await server.start()
    await versions.remove({ namespace: 'default', name: 'goes' })
    await versions.patch({ namespace: 'default', name: 'changes' }, { metadata: noted('new') }, inDefault)
    const truth = new Map([
      ['stays', 'first'],
      ['changes', 'new'],
    ])
    await vi.waitFor(() => expect(first.notes).toEqual(truth), { timeout: 20_000 })
    expect(first.gaps).toEqual([])
  })
})

describe('an informer of some namespaces', () => {
  it('shows what is in these, and nothing of others', async () => {
    const { config } = await startServer()
    const informer = createScopedInformer<EngineVersion>({
      config,
      kind: engineVersionKind,
      namespaces: ['default', 'galaxy-system', 'default'],
      log: silentLog,
      onChange: () => undefined,
    })
    onTestFinished(() => informer[Symbol.asyncDispose]())
    const versions = createResourceClient(config, engineVersionKind)
    for (const namespace of ['default', 'galaxy-system', 'kube-system']) {
      await versions.create(named(`of-${namespace}`), { namespace, fieldManager: 'test' })
    }
    informer.start()
    await informer.synced()
    expect(informer.hasSynced()).toBe(true)
    expect(
      informer
        .list()
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(['of-default', 'of-galaxy-system'])
    expect(informer.get({ namespace: 'galaxy-system', name: 'of-galaxy-system' })).toBeDefined()
    expect(informer.get({ namespace: 'kube-system', name: 'of-kube-system' })).toBeUndefined()
  })
})
