import { describe, expect, it } from 'vitest'
import { createResourceClient } from './client.ts'
import { answer, collect, fakeConfig, listOf, startFakeApi, status, widget, widgetKind } from './fake-api.ts'
import { watchCollection } from './watch.ts'

const key = { namespace: 'default', name: 'a' }
const fieldManager = 'test'

describe('a client', () => {
  it('keeps its connections from one call to the next', async () => {
    await using api = await startFakeApi((_call, response) => answer(response, 200, widget('a', 1)))
    const widgets = createResourceClient(api.config, widgetKind)
    for (let i = 0; i < 20; i += 1) await widgets.get(key)
    // Undici opens a second one while the first still reads the end of an answer.
    expect(api.connections()).toBeLessThanOrEqual(2)
  })

  it('is served while a hundred watches are open', async () => {
    await using api = await startFakeApi(({ query }, response) => {
      if (query.has('watch')) response.writeHead(200).flushHeaders()
      else answer(response, 200, widget('a', 1))
    })
    const stop = new AbortController()
    const timing = { connectMs: 5000, idleMs: 60_000, serverTimeoutMs: 60_000 }
    const watches = Array.from({ length: 100 }, () =>
      collect(watchCollection(api.config, widgetKind, { resourceVersion: '1', timing, signal: stop.signal })),
    )
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => createResourceClient(api.config, widgetKind).get(key)),
    )
    expect(answers).toHaveLength(100)
    stop.abort()
    const ends = await Promise.allSettled(watches)
    expect(new Set(ends.map((end) => end.status))).toEqual(new Set(['rejected']))
  })

  it('says each verb as the API wants it', async () => {
    await using api = await startFakeApi((_call, response) => answer(response, 200, widget('a', 2)))
    const widgets = createResourceClient(api.config, widgetKind)
    await widgets.create({ metadata: { name: 'a' } }, { namespace: 'default', fieldManager })
    await widgets.replaceStatus(widget('a', 1), { fieldManager })
    await widgets.patch(key, { spec: { size: 2 } }, { fieldManager })
    await widgets.patch(key, { status: {} }, { fieldManager, subresource: 'status' })
    await widgets.apply({ metadata: { name: 'a' } }, { namespace: 'default', fieldManager, force: true })
    await widgets.remove(key, { uid: 'u', propagation: 'Foreground' })
    const path = '/apis/example.dev/v1/namespaces/default/widgets'
    expect(api.calls.map((call) => [call.method, call.path, call.query.toString(), call.contentType])).toEqual([
      ['POST', path, 'fieldManager=test', 'application/json'],
      ['PUT', `${path}/a/status`, 'fieldManager=test', 'application/json'],
      ['PATCH', `${path}/a`, 'fieldManager=test', 'application/merge-patch+json'],
      ['PATCH', `${path}/a/status`, 'fieldManager=test', 'application/merge-patch+json'],
      ['PATCH', `${path}/a`, 'fieldManager=test&force=true', 'application/apply-patch+yaml'],
      ['DELETE', `${path}/a`, '', 'application/json'],
    ])
    expect(api.calls[0]?.body).toMatchObject({ apiVersion: 'example.dev/v1', kind: 'Widget', metadata: { name: 'a' } })
    expect(api.calls[1]?.body).toMatchObject({ metadata: { resourceVersion: '1' } })
    expect(api.calls[5]?.body).toMatchObject({ propagationPolicy: 'Foreground', preconditions: { uid: 'u' } })
  })

  it.each([
    {
      what: 'a refusal',
      code: 409,
      body: status(409, 'Conflict', 'changed'),
      error: { status: 409, reason: 'Conflict', message: 'changed' },
    },
    {
      what: 'a server error without a body',
      code: 503,
      body: '',
      error: { status: 503, reason: 'ServiceUnavailable' },
    },
    {
      what: 'an object of another shape',
      code: 200,
      body: { metadata: {} },
      error: { status: 200, reason: 'BadAnswer', message: expect.stringContaining('metadata.name: ') },
    },
  ])('fails with $what', async ({ code, body, error }) => {
    await using api = await startFakeApi((_call, response) => answer(response, code, body))
    const widgets = createResourceClient(api.config, widgetKind)
    await expect(widgets.get(key)).rejects.toMatchObject(error)
    await expect(widgets.replaceStatus(widget('a', 1), { fieldManager })).rejects.toMatchObject(error)
  })

  it('fails with BadAnswer on what is no JSON', async () => {
    await using api = await startFakeApi((_call, response) => void response.end('<html>proxy</html>'))
    await expect(createResourceClient(api.config, widgetKind).get(key)).rejects.toMatchObject({ reason: 'BadAnswer' })
  })

  it('finds nothing where nothing is', async () => {
    await using api = await startFakeApi((_call, response) => answer(response, 404, status(404, 'NotFound')))
    const widgets = createResourceClient(api.config, widgetKind)
    expect(await widgets.get(key)).toBeUndefined()
    expect(await widgets.remove(key)).toBe(false)
  })

  it('waits no longer than its deadline, for the head of an answer or for the rest of it', async () => {
    await using api = await startFakeApi(({ method }, response) => {
      if (method === 'GET') response.writeHead(200).write('{')
    })
    const widgets = createResourceClient(api.config, widgetKind, { deadlineMs: 100 })
    const late = { status: 0, reason: 'DeadlineExceeded' }
    await expect(widgets.get(key)).rejects.toMatchObject(late)
    await expect(widgets.remove(key)).rejects.toMatchObject(late)
  })

  it('is told when nobody listens', async () => {
    const config = await fakeConfig('http://127.0.0.1:1')
    await expect(createResourceClient(config, widgetKind).get(key)).rejects.toMatchObject({
      status: 0,
      reason: 'Unreachable',
      message: expect.stringMatching(/ECONNREFUSED|bad port/),
    })
  })

  it('reads once more when a kept connection breaks, and never writes twice', async () => {
    const broken = new Set<string>()
    await using api = await startFakeApi(({ method }, response) => {
      if (broken.has(method)) return answer(response, 200, widget('a', 1))
      broken.add(method)
      response.socket?.destroy()
    })
    const widgets = createResourceClient(api.config, widgetKind)
    expect(await widgets.get(key)).toMatchObject({ metadata: { name: 'a' } })
    await expect(widgets.replaceStatus(widget('a', 1), { fieldManager })).rejects.toMatchObject({
      reason: 'Unreachable',
    })
    expect(api.calls.map(({ method }) => method)).toEqual(['GET', 'GET', 'PUT'])
  })
})

describe('a list', () => {
  it('has all pages, and starts over when its token expires', async () => {
    let expired = false
    await using api = await startFakeApi(({ query }, response) => {
      if (!query.has('continue')) return answer(response, 200, listOf([widget('a', 1)], 7, { continue: 'two' }))
      if (expired) return answer(response, 200, listOf([widget('b', 2)], 7))
      expired = true
      answer(response, 410, status(410, 'Expired'))
    })
    const { items, resourceVersion } = await createResourceClient(api.config, widgetKind).list({ labelSelector: 'x=y' })
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
    expect(resourceVersion).toBe('7')
    expect(
      api.calls.map(({ query }) => [query.get('limit'), query.get('continue'), query.get('labelSelector')]),
    ).toEqual([
      ['100', null, 'x=y'],
      ['100', 'two', 'x=y'],
      ['100', null, 'x=y'],
      ['100', 'two', 'x=y'],
    ])
  })

  it('asks for everything at once when tokens keep expiring', async () => {
    await using api = await startFakeApi(({ query }, response) => {
      if (!query.has('limit')) return answer(response, 200, listOf([widget('a', 1)], 7))
      if (query.has('continue')) return answer(response, 410, status(410, 'Expired'))
      answer(response, 200, listOf([], 7, { continue: 'two' }))
    })
    expect((await createResourceClient(api.config, widgetKind).list()).items).toHaveLength(1)
  })

  it('leaves out what it cannot read, and says so', async () => {
    const bad = { ...widget('b', 2), spec: { size: 'huge' } }
    await using api = await startFakeApi((_call, response) =>
      answer(response, 200, listOf([widget('a', 1), bad, 'x'], 7)),
    )
    const { items, invalid } = await createResourceClient(api.config, widgetKind).list()
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a'])
    expect(invalid.map((each) => each.key?.name)).toEqual(['b', undefined])
  })
  it('keeps of the metadata what a write needs, but not who has set which field', async () => {
    const { metadata, ...rest } = widget('a', 1)
    const managed = { ...metadata, generateName: 'a-', managedFields: [{ manager: 'kubectl', fieldsV1: {} }] }
    await using api = await startFakeApi((_call, response) =>
      answer(response, 200, listOf([{ ...rest, metadata: managed }], 7)),
    )
    const { items } = await createResourceClient(api.config, widgetKind).list()
    expect(items).toEqual([{ ...rest, metadata: { ...metadata, generateName: 'a-' } }])
  })
})
