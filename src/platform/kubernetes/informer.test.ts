import type { ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLog } from '../log.ts'
import {
  answer,
  eventLine,
  type FakeApi,
  type FakeCall,
  listOf,
  startFakeApi,
  status,
  type Widget,
  widget,
  widgetKind,
} from './fake-api.ts'
import { createInformer, type InformerOptions } from './informer.ts'
import { keyOf } from './objects.ts'
import { createScopedInformer } from './scoped-informer.ts'

const timing = { connectMs: 500, idleMs: 200, serverTimeoutMs: 60_000 }

/** What is asked before a watch is taken up again. */
const asksWhereItStands = ({ query }: FakeCall) => query.get('limit') === '1'

type Step = (response: ServerResponse, call: FakeCall) => void

/** Answers the first call with the first step, and so on; the last one stays. */
const apiOf = (...steps: Step[]) => apiAt(() => 1000, ...steps)

/** As `apiOf`; `version` is where the server says that it stands. */
async function apiAt(version: () => number, ...steps: Step[]): Promise<FakeApi> {
  let at = 0
  const api = await startFakeApi((call, response) => {
    if (asksWhereItStands(call)) return list(version())(response)
    steps[Math.min(at, steps.length - 1)]?.(response, call)
    at += 1
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api
}

const list =
  (version: number, ...items: unknown[]) =>
  (response: ServerResponse) =>
    answer(response, 200, listOf(items, version))

/** A watch that says so much and stays open. */
const watch =
  (...lines: string[]) =>
  (response: ServerResponse) => {
    response.writeHead(200)
    response.flushHeaders()
    lines.forEach((line) => response.write(line))
  }

/** A watch that says so much, then breaks. */
const broken =
  (...lines: string[]) =>
  (response: ServerResponse) => {
    watch(...lines)(response)
    setTimeout(() => response.socket?.destroy(), 30)
  }

const refused = (code: number, reason: string) => (response: ServerResponse) =>
  answer(response, code, status(code, reason))

function follow(api: FakeApi, more: Partial<InformerOptions<Widget>> = {}) {
  const told: string[] = []
  const informer = createInformer({
    config: api.config,
    kind: widgetKind,
    onChange: ({ name }, { before, after }) =>
      told.push(`${name} ${before?.metadata.resourceVersion ?? '-'}>${after?.metadata.resourceVersion ?? '-'}`),
    log: silentLog,
    timing,
    backoff: { baseMs: 5, maxMs: 20 },
    ...more,
  })
  onTestFinished(() => informer[Symbol.asyncDispose]())
  informer.start()
  return { informer, told }
}

function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 5 })
}

describe('an informer', () => {
  it('lists, then watches from there', async () => {
    const api = await apiOf(
      list(5, widget('a', 1), widget('b', 2)),
      watch(
        eventLine('MODIFIED', widget('a', 6)),
        eventLine('BOOKMARK', { metadata: { resourceVersion: '7' } }),
        eventLine('DELETED', widget('b', 8)),
        eventLine('ADDED', widget('c', 9)),
      ),
    )
    const { informer, told } = follow(api)
    expect(informer.hasSynced()).toBe(false)
    await informer.synced()
    expect(informer.hasSynced()).toBe(true)
    await eventually(() => expect(told).toEqual(['a ->1', 'b ->2', 'a 1>6', 'b 2>-', 'c ->9']))
    expect(informer.get(keyOf(widget('b', 1)))).toBeUndefined()
    expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['a', 'c'])
    expect(api.calls[1]?.query.get('resourceVersion')).toBe('5')
    expect(api.calls[1]?.query.get('allowWatchBookmarks')).toBe('true')
  })

  it('goes on from the last event or bookmark when the connection breaks, even within a line', async () => {
    const half = eventLine('MODIFIED', widget('a', 8)).slice(0, 40)
    const api = await apiOf(
      list(5, widget('a', 1)),
      broken(eventLine('MODIFIED', widget('a', 6)), half),
      broken(eventLine('BOOKMARK', { metadata: { resourceVersion: '7' } })),
      watch(eventLine('MODIFIED', widget('a', 8))),
    )
    const { told } = follow(api)
    await eventually(() => expect(told).toEqual(['a ->1', 'a 1>6', 'a 6>8']))
    const followed = api.calls.filter((call) => !asksWhereItStands(call))
    expect(followed.map(({ query }) => query.get('resourceVersion'))).toEqual([null, '5', '6', '7'])
  })

  it.each([
    { as: 'an HTTP status', gone: refused(410, 'Expired') },
    { as: 'an event', gone: watch(eventLine('ERROR', status(410, 'Expired'))) },
  ])('lists again after 410 as $as, and tells the difference', async ({ gone }) => {
    const api = await apiOf(
      list(5, widget('a', 1), widget('b', 2), widget('c', 3)),
      gone,
      list(9, widget('a', 1), widget('b', 8), widget('d', 9)),
      watch(),
    )
    const { told } = follow(api)
    await eventually(() => expect(told).toEqual(['a ->1', 'b ->2', 'c ->3', 'c 3>-', 'b 2>8', 'd ->9']))
    await eventually(() => expect(api.calls.at(-1)?.query.get('resourceVersion')).toBe('9'))
  })

  it('leaves a connection that fell silent', async () => {
    const api = await apiOf(list(5), watch(), watch(eventLine('ADDED', widget('a', 6))))
    const { told } = follow(api)
    await eventually(() => expect(told).toEqual(['a ->6']))
  })

  it.each([
    { what: 'refusals', step: refused(500, 'InternalError') },
    { what: 'forbidden calls', step: refused(403, 'Forbidden') },
    { what: 'nonsense', step: (response: ServerResponse) => void response.end('<html>') },
    { what: 'broken connections', step: (response: ServerResponse) => void response.socket?.destroy() },
  ])('keeps trying through $what', async ({ step }) => {
    const api = await apiOf(step, step, list(5, widget('a', 1)), step, step, (response, call) => {
      if (call.query.has('watch')) watch(eventLine('MODIFIED', widget('a', 6)))(response)
      else list(5, widget('a', 1))(response)
    })
    const { told } = follow(api)
    await eventually(() => expect(told).toEqual(['a ->1', 'a 1>6']))
  })

  it('does not ask in a busy loop when watches end at once', async () => {
    const api = await apiOf(list(5), (response) => void response.writeHead(200).end())
    follow(api, { backoff: { baseMs: 50, maxMs: 50 } })
    const watches = () => api.calls.filter(({ query }) => query.has('watch')).length
    await eventually(() => expect(watches()).toBeGreaterThan(1))
    const before = watches()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(watches() - before).toBeLessThan(10)
  })

  it('lists again when the server went back in time', async () => {
    const api = await apiOf(
      list(100, widget('a', 90)),
      watch(eventLine('BOOKMARK', { metadata: { resourceVersion: '3' } })),
      list(3, widget('a', 2)),
      watch(),
    )
    const { told } = follow(api)
    await eventually(() => expect(told).toEqual(['a ->90', 'a 90>2']))
  })

  it.each([
    { as: 'a watch that fell silent', step: watch() },
    { as: 'a watch that the server ended', step: (response: ServerResponse) => void response.writeHead(200).end() },
    { as: 'a connection that broke', step: broken() },
  ])('lists again after $as when the server went back in time and tells nobody', async ({ step }) => {
    const api = await apiAt(
      () => 3,
      list(100, widget('a', 90), widget('b', 91)),
      step,
      list(3, widget('a', 2)),
      watch(),
    )
    const { told } = follow(api)
    await eventually(() => expect(told).toEqual(['a ->90', 'b ->91', 'b 91>-', 'a 90>2']))
  })

  it('lists again at once when it is shown an object older than what it knew before it asked', async () => {
    const api = await apiOf(list(100, widget('a', 90)), watch(), list(120, widget('a', 2)), watch())
    const { informer, told } = follow(api, { timing: { ...timing, idleMs: 60_000 } })
    await informer.synced()
    await eventually(() => expect(api.calls).toHaveLength(2))
    informer.fetched(widget('a', 2), widget('a', 90))
    await eventually(() => expect(told).toEqual(['a ->90', 'a 90>2']))
    informer.fetched(widget('a', 2), widget('a', 90))
    informer.fetched(widget('a', 121), widget('a', 2))
    expect(told.at(-1)).toBe('a 2>121')
    expect(informer.list()).toHaveLength(1)
  })

  it('reports an object that it cannot read, keeps the last one it could, and goes on', async () => {
    const bad = (version: number, uid = 'uid-a') => ({ ...widget('a', version, { uid }), spec: { size: 'huge' } })
    const api = await apiOf(
      list(5, bad(1), widget('b', 2)),
      watch(
        eventLine('MODIFIED', widget('a', 6)),
        eventLine('MODIFIED', bad(7)),
        eventLine('ADDED', widget('c', 8)),
        eventLine('ADDED', bad(9, 'other')),
      ),
    )
    const invalid: string[] = []
    const { told, informer } = follow(api, {
      onUnreadable: ({ name }, { metadata, problem }) =>
        invalid.push(`${name} ${metadata.resourceVersion} ${problem.split(':')[0]}`),
    })
    await eventually(() => expect(told).toEqual(['b ->2', 'a ->6', 'c ->8', 'a 6>-']))
    expect(invalid).toEqual(['a 1 spec.size', 'a 7 spec.size', 'a 9 spec.size'])
    expect(informer.unreadable().map(({ metadata }) => metadata.uid)).toEqual(['other'])
  })

  it('goes on when a handler throws', async () => {
    const api = await apiOf(list(5, widget('a', 1), widget('b', 2)), watch())
    const seen: string[] = []
    const { informer } = follow(api, {
      onChange: ({ name }) => {
        seen.push(name)
        throw new Error('mine')
      },
    })
    await informer.synced()
    expect(seen).toEqual(['a', 'b'])
  })

  it('tells every object again at each resync', async () => {
    const api = await apiOf(list(5, widget('a', 1)), watch())
    const { told } = follow(api, { resyncMs: 20 })
    await eventually(() => expect(told.slice(0, 3)).toEqual(['a ->1', 'a 1>1', 'a 1>1']))
  })

  it('stops waiting for the first list when told so, or when it ends', async () => {
    const api = await apiOf(refused(500, 'InternalError'))
    const { informer } = follow(api)
    await expect(informer.synced(AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'AbortError' })
    const waiting = Promise.allSettled([informer.synced()])
    await informer[Symbol.asyncDispose]()
    expect(await waiting).toMatchObject([{ status: 'rejected', reason: { name: 'AbortError' } }])
  })

  it('ends at once, whatever it is waiting for', async () => {
    const api = await apiOf(list(5), watch())
    const { informer } = follow(api)
    await informer.synced()
    await informer[Symbol.asyncDispose]()
    const calls = api.calls.length
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(api.calls.length).toBe(calls)
  })
})

describe('an informer of some namespaces', () => {
  /** Lets in where `isOpen` says so. */
  async function follow(isOpen: (namespace: string) => boolean, code = 403) {
    const api = await startFakeApi(({ path, query }, response) => {
      const namespace = path.split('/').at(-2) ?? ''
      if (!isOpen(namespace)) refused(code, 'Refused')(response)
      else if (query.has('watch')) watch()(response)
      else list(5, { ...widget('a', 1), metadata: { ...widget('a', 1).metadata, namespace } })(response)
    })
    onTestFinished(() => api[Symbol.asyncDispose]())
    const told: string[] = []
    const informer = createScopedInformer<Widget>({
      config: api.config,
      kind: widgetKind,
      namespaces: ['here', 'lost'],
      onChange: ({ namespace }) => told.push(namespace),
      log: silentLog,
      timing,
      backoff: { baseMs: 5, maxMs: 20 },
      refusedMs: 100,
    })
    onTestFinished(() => informer[Symbol.asyncDispose]())
    informer.start()
    return { informer, told }
  }

  it.each([403, 404])(
    'goes on without one that answers %i for good, and knows that it does not know it',
    async (code) => {
      const { informer } = await follow((namespace) => namespace === 'here', code)
      await informer.synced()
      expect(informer.hasSynced()).toBe(true)
      expect(informer.list().map(({ metadata }) => metadata.namespace)).toEqual(['here'])
      expect([informer.knows('here'), informer.knows('lost'), informer.knows()]).toEqual([true, false, false])
    },
  )

  it('takes one in as soon as it lets it', async () => {
    let isOpen = false
    const { informer, told } = await follow((namespace) => namespace === 'here' || isOpen)
    await informer.synced()
    isOpen = true
    await eventually(() => expect(told).toEqual(['here', 'lost']))
    expect(informer.knows()).toBe(true)
  })

  it.each([
    { what: 'every one of them refuses', isOpen: () => false, code: 403 },
    { what: 'one of them only fails', isOpen: (namespace: string) => namespace === 'here', code: 500 },
  ])('does not go on while $what', async ({ isOpen, code }) => {
    const { informer } = await follow(isOpen, code)
    await expect(informer.synced(AbortSignal.timeout(400))).rejects.toMatchObject({ name: 'AbortError' })
    expect(informer.hasSynced()).toBe(false)
  })
})
