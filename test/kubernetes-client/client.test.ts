import { describe, expect, it } from 'vitest'
import { createResourceClient } from '../../src/platform/kubernetes/client.ts'
import { createEventRecorder } from '../../src/platform/kubernetes/events.ts'
import { eventKind } from '../../src/platform/kubernetes/event-object.ts'
import { keyOf } from '../../src/platform/kubernetes/objects.ts'
import { callApi } from '../../src/platform/kubernetes/transport.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { silentLog } from '../../src/platform/log.ts'
import { engineVersionKind, gameKind } from '../../src/resources/index.ts'
import { startServer } from './server.ts'

const fieldManager = 'test'
const inDefault = { namespace: 'default', fieldManager }
const version = (name: string) => ({
  metadata: { name, labels: { set: 'x' } },
  spec: { version: '1.2.3', image: 'engine' },
})
const key = { namespace: 'default', name: 'a' }

describe('the client and a resource server', () => {
  it('agree on every verb', async () => {
    const versions = createResourceClient((await startServer()).config, engineVersionKind)
    expect(await versions.get(key)).toBeUndefined()
    const created = await versions.create(version('a'), inDefault)
    expect(created).toMatchObject({ metadata: key, spec: { version: '1.2.3', disabled: false } })
    await expect(versions.create(version('a'), inDefault)).rejects.toMatchObject({
      reason: 'AlreadyExists',
      status: 409,
    })
    await expect(versions.create({ ...version('b'), spec: {} }, inDefault)).rejects.toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('spec.'),
    })

    const patched = await versions.patch(key, { spec: { disabled: true } }, { fieldManager })
    expect(patched.spec.disabled).toBe(true)
    const withStatus = await versions.replaceStatus(
      { ...patched, status: { ...patched.status, games: 3 } },
      { fieldManager },
    )
    expect(withStatus).toMatchObject({ spec: { disabled: true }, status: { games: 3 } })
    await expect(versions.replaceStatus(patched, { fieldManager })).rejects.toMatchObject({ reason: 'Conflict' })
    await expect(versions.replace(patched, { fieldManager })).rejects.toMatchObject({ reason: 'Conflict' })
    expect(
      (await versions.replace({ ...withStatus, spec: { ...withStatus.spec, disabled: false } }, { fieldManager })).spec
        .disabled,
    ).toBe(false)
    expect(await versions.get(key)).toMatchObject({ spec: { disabled: false }, status: { games: 3 } })
  })

  it('agree that a status is written without what kubectl notes for itself, and takes it from nobody', async () => {
    const { config } = await startServer()
    const games = createResourceClient(config, gameKind)
    const note = { 'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{}}' }
    const manifest = {
      metadata: { name: 'a', annotations: { ...note, kept: 'yes' } },
      spec: { engine: { image: 'e' } },
    }
    const read = await games.create(manifest, inDefault)
    expect(read.metadata.annotations).toEqual({ kept: 'yes' })
    await games.replaceStatus({ ...read, status: { phase: 'Running' } }, { fieldManager })
    const path = '/apis/galaxy.dev/v1/namespaces/default/games/a'
    expect(await callApi(config, { method: 'GET', path }, 10_000)).toMatchObject({
      metadata: { annotations: { ...note, kept: 'yes' } },
      status: { phase: 'Running' },
    })
  })

  it('agree on who owns a field', async () => {
    const versions = createResourceClient((await startServer()).config, engineVersionKind)
    const open = { ...version('a'), spec: { ...version('a').spec, disabled: false } }
    await versions.apply(open, { namespace: 'default', fieldManager: 'one' })
    const other = { ...open, spec: { ...open.spec, disabled: true } }
    await expect(versions.apply(other, { namespace: 'default', fieldManager: 'two' })).rejects.toMatchObject({
      reason: 'Conflict',
    })
    const forced = await versions.apply(other, { namespace: 'default', fieldManager: 'two', force: true })
    expect(forced.spec.disabled).toBe(true)
  })

  it('agree on lists, selectors and removal', async () => {
    const versions = createResourceClient((await startServer()).config, engineVersionKind)
    for (const name of ['a', 'b']) await versions.create(version(name), inDefault)
    const { items, resourceVersion, invalid } = await versions.list()
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
    expect([Number(resourceVersion) > 0, invalid]).toEqual([true, []])
    expect((await versions.list({ namespace: 'default', labelSelector: 'set=y' })).items).toEqual([])
    await expect(versions.remove(key, { uid: 'another' })).rejects.toMatchObject({ reason: 'Conflict' })
    expect(await versions.remove(key, { uid: items[0]?.metadata.uid ?? '' })).toBe(true)
    expect(await versions.remove(key)).toBe(false)
  })

  it('agree on events', async () => {
    const { config } = await startServer()
    const involved = await createResourceClient(config, engineVersionKind).create(version('a'), inDefault)
    const recorder = createEventRecorder({
      config,
      component: 'test',
      instance: '1',
      clock: systemClock,
      log: silentLog,
    })
    const pulled = { type: 'Normal' as const, reason: 'Pulled', message: 'pulled' }
    recorder.record(involved, pulled)
    recorder.record(involved, { type: 'Warning', reason: 'Failed', message: 'failed' })
    recorder.record(involved, pulled)
    await recorder[Symbol.asyncDispose]()
    const { items } = await createResourceClient(config, eventKind).list({ namespace: 'default' })
    const mine = items.filter(({ reason }) => reason === 'Pulled' || reason === 'Failed')
    expect(mine).toHaveLength(2)
    expect(mine.find(({ reason }) => reason === 'Pulled')).toMatchObject({
      count: 2,
      involvedObject: { kind: 'EngineVersion', ...keyOf(involved), uid: involved.metadata.uid },
    })
  })
})
