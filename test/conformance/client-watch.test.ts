import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, createClient, refusal, type WatchEvent } from './client.ts'
import { since } from './server.ts'
import { openTarget, type Target } from './target.ts'

let target: Target
let client: Client
beforeAll(async () => {
  target = await openTarget()
  client = createClient(target)
})
afterAll(() => target[Symbol.asyncDispose]())

const labelled = (name: string, batch: string) => client.create(name, { metadata: { labels: { batch } } })
const names = (events: readonly WatchEvent[]) => events.map(({ name }) => name)

describe.concurrent('a list', () => {
  it('comes in pieces that fit together, whatever happens in between', async () => {
    const made = Array.from({ length: 7 }, (_, n) => `piece-${n}`)
    await Promise.all(made.map((name) => labelled(name, 'pieces')))
    const options = { labelSelector: 'batch=pieces', limit: 3 }
    const first = await client.list(options)
    await client.delete('piece-5')
    await labelled('piece-9', 'pieces')
    const found = [...first.items]
    let next = first.metadata.continue
    while (next) {
      const piece = await client.list({ ...options, _continue: next })
      expect(piece.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
      found.push(...piece.items)
      next = piece.metadata.continue
    }
    expect(first.items).toHaveLength(3)
    expect(found.map(({ metadata }) => metadata.name)).toEqual(made)
  })

  it('says 410 to a token that nobody gave', async () => {
    const { code } = await refusal(client.list({ limit: 1, _continue: 'nonsense' }))
    expect([400, 410]).toContain(code)
  })
})

describe.concurrent('a watch', () => {
  const selector = (batch: string) => ({ labelSelector: `batch=${batch}` })

  it('tells of every change after a list, in order', async () => {
    const before = await client.list(selector('told'))
    using watch = await client.watch({ ...selector('told'), resourceVersion: before.metadata.resourceVersion })
    await labelled('told', 'told')
    await client.patch('told', { spec: { displayName: 'a' } })
    await client.patchStatus('told', { status: { phase: 'Running' } })
    await client.delete('told')
    expect(await watch.until((events) => events.length >= 4)).toEqual([
      'ADDED told',
      'MODIFIED told',
      'MODIFIED told',
      'DELETED told',
    ])
    expect(new Set(watch.events.map(({ version }) => version)).size).toBe(4)
    expect(watch.events[1]?.object).toMatchObject({ kind: 'Game', spec: { displayName: 'a' } })
  })

  it('resumes where it ended, and misses nothing', async () => {
    const { metadata } = await labelled('resumed', 'resumed')
    await client.patch('resumed', { spec: { displayName: '1' } })
    const seen = await client.patch('resumed', { spec: { displayName: '2' } })
    await client.patch('resumed', { spec: { displayName: '3' } })
    await client.delete('resumed')
    const since = async (resourceVersion: string, count: number) => {
      using watch = await client.watch({ ...selector('resumed'), resourceVersion })
      // Awaited here, because the watch ends with this function.
      return await watch.until((events) => events.length >= count)
    }
    expect(await since(metadata.resourceVersion, 4)).toHaveLength(4)
    expect(await since(seen.metadata.resourceVersion, 2)).toEqual(['MODIFIED resumed', 'DELETED resumed'])
  })

  it('begins with all there is when it names no version', async () => {
    await Promise.all(['there-1', 'there-2'].map((name) => labelled(name, 'there')))
    using watch = await client.watch(selector('there'))
    await watch.until((events) => events.length >= 2)
    expect(names(watch.events).sort()).toEqual(['there-1', 'there-2'])
    expect(watch.events.every(({ type }) => type === 'ADDED')).toBe(true)
  })

  it('takes what leaves its selection for deleted, and what enters it for added', async () => {
    const before = await labelled('moving', 'somewhere')
    using watch = await client.watch({ ...selector('here'), resourceVersion: before.metadata.resourceVersion })
    await client.patch('moving', { metadata: { labels: { batch: 'here' } } })
    await client.patch('moving', { metadata: { labels: { batch: 'gone' } } })
    expect(await watch.until((events) => events.length >= 2)).toEqual(['ADDED moving', 'DELETED moving'])
  })

  it('is told 410 when it asks for what is forgotten', async () => {
    using watch = await client.watch({ resourceVersion: '1' })
    const [error] = await Promise.all([watch.ended, watch.until((events) => events.length > 0).catch(() => undefined)])
    // Either as an event, or as the answer.
    const code: unknown = Object(watch.events[0]?.object ?? {}).code ?? Object(error).statusCode
    expect(code).toBe(410)
  })

  it('is told how far it has come before its time is over, although nothing happened to it', async () => {
    await labelled('marked', 'marked')
    const { metadata } = await client.list()
    const options = { ...selector('marked'), resourceVersion: metadata.resourceVersion }
    using watch = await client.watch({ ...options, allowWatchBookmarks: true, timeoutSeconds: 5 })
    await labelled('elsewhere', 'elsewhere')
    await watch.ended
    const [bookmark] = watch.events.slice(-1)
    expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Game', apiVersion: 'galaxy.dev/v1' } })
    expect(Number(bookmark?.version)).toBeGreaterThanOrEqual(Number(metadata.resourceVersion))
  })

  it('marks the end of what was there when it is to send it first', since(32), async () => {
    await labelled('initial', 'initial')
    const options = { sendInitialEvents: true, allowWatchBookmarks: true, resourceVersionMatch: 'NotOlderThan' }
    using watch = await client.watch({ ...selector('initial'), ...options })
    await watch.until((events) => events.length >= 2)
    expect(watch.events[0]).toMatchObject({ type: 'ADDED', name: 'initial' })
    expect(watch.events[1]).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })
  })
})
