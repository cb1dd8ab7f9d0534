import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, createClient, isGone, refusal } from './client.ts'
import { openTarget, type Target } from './target.ts'

let target: Target
let client: Client
beforeAll(async () => {
  target = await openTarget()
  client = createClient(target)
})
afterAll(() => target[Symbol.asyncDispose]())

describe.concurrent('optimistic concurrency', () => {
  it('lets one of two writers win', async () => {
    const game = await client.create('contested')
    const written = await client.replace({ ...game, spec: { ...game.spec, displayName: 'first' } })
    expect(written.metadata.resourceVersion).not.toBe(game.metadata.resourceVersion)
    expect(await refusal(client.replace({ ...game, spec: { ...game.spec, displayName: 'second' } }))).toMatchObject({
      code: 409,
      status: {
        kind: 'Status',
        status: 'Failure',
        reason: 'Conflict',
        details: { name: 'contested', group: 'galaxy.dev', kind: 'games' },
      },
    })
    expect((await client.read('contested')).spec['displayName']).toBe('first')
  })

  it('lets exactly one of many writers of one version win', async () => {
    const game = await client.create('crowded')
    const attempts = Array.from({ length: 10 }, (_, n) =>
      client.replace({ ...game, spec: { ...game.spec, displayName: `writer ${n}` } }),
    )
    const results = await Promise.allSettled(attempts)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await client.read('crowded')).metadata.generation).toBe(2)
  })

  it('holds for patches that name a version, and for deletions that do', async () => {
    const game = await client.create('patched')
    await client.patch('patched', { spec: { displayName: 'a' } })
    const { resourceVersion, uid } = game.metadata
    const stale = client.patch('patched', { metadata: { resourceVersion }, spec: { displayName: 'b' } })
    expect((await refusal(stale)).code).toBe(409)
    const remove = (preconditions: object) => client.delete('patched', { body: { preconditions } })
    expect((await refusal(remove({ resourceVersion }))).code).toBe(409)
    expect((await refusal(remove({ uid: 'another' }))).code).toBe(409)
    await remove({ uid })
    expect(await isGone(client.read('patched'))).toBe(true)
  })

  it('never lets patches without a version overwrite one another', async () => {
    await client.create('merged')
    const patches = Array.from({ length: 10 }, (_, n) =>
      client.patch('merged', { spec: { settings: { [`key-${n}`]: n } } }),
    )
    await Promise.all(patches)
    const { spec } = await client.read('merged')
    expect(Object.keys(Object(spec['settings']))).toHaveLength(10)
  })

  it('keeps the version when a write changes nothing', async () => {
    const game = await client.create('same')
    expect((await client.replace(game)).metadata.resourceVersion).toBe(game.metadata.resourceVersion)
    expect((await client.patch('same', {})).metadata.resourceVersion).toBe(game.metadata.resourceVersion)
  })
})

describe.concurrent('the status subresource', () => {
  it('is not written with the object, nor the object with it', async () => {
    const game = await client.create('apart')
    const status = { phase: 'Running' }
    const both = await client.replace({ ...game, status, spec: { ...game.spec, displayName: 'new' } })
    expect(both).toMatchObject({ spec: { displayName: 'new' }, metadata: { generation: 2 } })
    expect(both.status).toBeUndefined()
    const labels = { not: 'this' }
    const after = await client.replaceStatus({
      ...both,
      metadata: { ...both.metadata, labels },
      status,
      spec: game.spec,
    })
    expect(after).toMatchObject({ status, spec: { displayName: 'new' }, metadata: { generation: 2 } })
    expect(after.metadata.labels).toBeUndefined()
  })

  it('is dropped at creation', async () => {
    const object = { ...(await client.create('born')), status: { phase: 'Running' } }
    expect((await client.replace(object)).status).toBeUndefined()
  })

  it('has versions like the object, and is validated like it', async () => {
    const game = await client.create('versioned')
    await client.patchStatus('versioned', { status: { phase: 'Pending' } })
    expect((await refusal(client.replaceStatus({ ...game, status: { phase: 'Running' } }))).code).toBe(409)
    expect(await refusal(client.patchStatus('versioned', { status: { phase: 'Flying' } }))).toMatchObject({
      code: 422,
      status: { reason: 'Invalid', details: { causes: [{ reason: 'FieldValueNotSupported', field: 'status.phase' }] } },
    })
  })
})

describe.concurrent('the generation', () => {
  it('counts changes of the spec, and nothing else', async () => {
    await client.create('counted')
    const generation = async (change: Promise<unknown>) => {
      await change
      return (await client.read('counted')).metadata.generation
    }
    expect(await generation(client.patch('counted', { spec: { displayName: 'a' } }))).toBe(2)
    expect(await generation(client.patch('counted', { spec: { displayName: 'a' } }))).toBe(2)
    expect(await generation(client.patch('counted', { metadata: { labels: { a: 'b' } } }))).toBe(2)
    expect(await generation(client.patchStatus('counted', { status: { phase: 'Running' } }))).toBe(2)
    expect(await generation(client.patch('counted', { metadata: { generation: 70 } }))).toBe(2)
    expect(await generation(client.patch('counted', { spec: { displayName: null } }))).toBe(3)
  })
})

describe.concurrent('metadata', () => {
  it('that only the server writes stays as it is', async () => {
    const game = await client.create('owned', {
      metadata: { uid: 'mine', generation: 9, creationTimestamp: '2001-01-01T00:00:00Z' },
    })
    expect(game.metadata.uid).not.toBe('mine')
    expect(game.metadata.generation).toBe(1)
    const creationTimestamp = '2002-02-02T02:02:02Z'
    const patched = await client.patch('owned', { metadata: { creationTimestamp } })
    expect(patched.metadata).toMatchObject({ creationTimestamp: game.metadata['creationTimestamp'] })
  })
})

describe.concurrent('finalizers', () => {
  it('keep a deleted object until the last one goes', async () => {
    await client.create('held', { metadata: { finalizers: ['example.com/a', 'example.com/b'] } })
    await client.delete('held')
    const held = await client.read('held')
    expect(held.metadata.deletionTimestamp).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect(held.metadata.generation).toBe(2)
    await client.delete('held')
    expect((await client.read('held')).metadata.deletionTimestamp).toBe(held.metadata.deletionTimestamp)
    await client.patch('held', { metadata: { finalizers: ['example.com/b'] } })
    expect((await client.read('held')).metadata.finalizers).toEqual(['example.com/b'])
    await client.patch('held', { metadata: { finalizers: null } })
    expect(await isGone(client.read('held'))).toBe(true)
  })

  it('cannot be added once the object is being deleted', async () => {
    await client.create('late', { metadata: { finalizers: ['example.com/a'] } })
    await client.delete('late')
    const { code, status } = await refusal(
      client.patch('late', { metadata: { finalizers: ['example.com/a', 'example.com/b'] } }),
    )
    expect(code).toBe(422)
    const forbidden = { reason: 'FieldValueForbidden', field: 'metadata.finalizers' }
    expect(status).toMatchObject({
      // Servers before 1.22 say it twice.
      details: { causes: expect.arrayContaining([expect.objectContaining(forbidden)]) },
    })
    await client.patch('late', { metadata: { finalizers: null } })
  })

  it('leave the name taken, and the status writable', async () => {
    await client.create('leaving', { metadata: { finalizers: ['example.com/a'] } })
    await client.delete('leaving')
    expect(await refusal(client.create('leaving'))).toMatchObject({ code: 409, status: { reason: 'AlreadyExists' } })
    expect((await client.patchStatus('leaving', { status: { phase: 'Stopping' } })).status).toMatchObject({
      phase: 'Stopping',
    })
    await client.patch('leaving', { metadata: { finalizers: null } })
    await client.create('leaving')
  })
})

describe.concurrent('leases', () => {
  const spec = { holderIdentity: 'one', leaseDurationSeconds: 15 }

  it('are taken by one at a time', async () => {
    const { namespace } = target
    const lease = await client.leases.createNamespacedLease({ namespace, body: { metadata: { name: 'leader' }, spec } })
    expect(lease).toMatchObject({ spec, metadata: { name: 'leader' } })
    const take = (holderIdentity: string) =>
      client.leases.replaceNamespacedLease({
        namespace,
        name: 'leader',
        body: { metadata: lease.metadata ?? {}, spec: { ...spec, holderIdentity } },
      })
    const results = await Promise.allSettled(['two', 'three', 'four'].map(take))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const unversioned = { metadata: { name: 'leader' }, spec }
    expect(
      (await refusal(client.leases.replaceNamespacedLease({ namespace, name: 'leader', body: unversioned }))).code,
    ).toBe(422)
    await client.leases.deleteNamespacedLease({ namespace, name: 'leader' })
  })

  it('keep their times to the microsecond', async () => {
    const { namespace } = target
    const renewTime = '2026-11-21T10:00:00.123456Z'
    await target.kubectl(['create', '-f', '-'], {
      stdin: JSON.stringify({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'timed' },
        spec: { ...spec, renewTime },
      }),
    })
    const { stdout } = await target.kubectl(['get', 'lease', 'timed', '-o', 'jsonpath={.spec.renewTime}'])
    expect(stdout).toBe(renewTime)
    await client.leases.deleteNamespacedLease({ namespace, name: 'timed' })
  })
})
