import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Client, createClient, isGone, type Thing } from './client.ts'
import { openTarget, type Target } from './target.ts'

let target: Target
let client: Client
beforeAll(async () => {
  target = await openTarget()
  client = createClient(target)
})
afterAll(() => target[Symbol.asyncDispose]())

const owner = ({ metadata: { name, uid } }: Thing, more: object = {}) => ({
  apiVersion: 'galaxy.dev/v1',
  kind: 'Game',
  name,
  uid,
  ...more,
})

async function family(name: string, more: object = {}) {
  const parent = await client.create(name)
  const ownerReferences = [owner(parent, more)]
  const child = await client.create(`${name}-child`, { metadata: { ownerReferences } })
  return { parent, child }
}

describe.concurrent('a deleted owner', () => {
  it('goes at once, and what it owns follows in the background', async () => {
    const { child } = await family('background')
    const grandchild = await client.create('background-grandchild', { metadata: { ownerReferences: [owner(child)] } })
    await client.delete('background', { propagationPolicy: 'Background' })
    expect(await isGone(client.read('background'))).toBe(true)
    await eventually(() => isGone(client.read(child.metadata.name)))
    await eventually(() => isGone(client.read(grandchild.metadata.name)))
  })

  it('stays until what blocks it is gone, in the foreground', async () => {
    const { child } = await family('foreground', { blockOwnerDeletion: true })
    await client.patch(child.metadata.name, { metadata: { finalizers: ['example.com/held'] } })
    await client.delete('foreground', { propagationPolicy: 'Foreground' })
    const parent = await client.read('foreground')
    expect(parent.metadata.finalizers).toEqual(['foregroundDeletion'])
    expect(parent.metadata.deletionTimestamp).toBeDefined()
    await eventually(async () => (await client.read(child.metadata.name)).metadata.deletionTimestamp !== undefined)
    expect(await isGone(client.read('foreground'))).toBe(false)
    await client.patch(child.metadata.name, { metadata: { finalizers: null } })
    await eventually(() => isGone(client.read('foreground')))
    expect(await isGone(client.read(child.metadata.name))).toBe(true)
  })

  it('leaves orphans when asked to', async () => {
    const { child } = await family('orphaning')
    await client.delete('orphaning', { propagationPolicy: 'Orphan' })
    await eventually(() => isGone(client.read('orphaning')))
    const orphan = await client.read(child.metadata.name)
    expect(orphan.metadata.ownerReferences ?? []).toEqual([])
    expect(orphan.metadata.deletionTimestamp).toBeUndefined()
  })

  it('does not take what another owner keeps', async () => {
    const [first, second] = await Promise.all([client.create('first'), client.create('second')])
    await client.create('shared', { metadata: { ownerReferences: [owner(first), owner(second)] } })
    await client.delete('first')
    await eventually(async () => (await client.read('shared')).metadata.ownerReferences?.length === 1)
    expect(await isGone(client.read('shared'))).toBe(false)
    await client.delete('second')
    await eventually(() => isGone(client.read('shared')))
  })
})

describe.concurrent('an object whose owner never was', () => {
  it('goes', async () => {
    const parent = await client.create('never')
    await client.delete('never')
    await client.create('never-child', { metadata: { ownerReferences: [owner(parent)] } })
    await eventually(() => isGone(client.read('never-child')))
    expect(await isGone(client.read('never'))).toBe(true)
  })

  it('goes too when another object has the name now', async () => {
    const parent = await client.create('reborn')
    await client.delete('reborn')
    await client.create('reborn')
    await client.create('reborn-child', { metadata: { ownerReferences: [owner(parent)] } })
    await eventually(() => isGone(client.read('reborn-child')))
    expect(await isGone(client.read('reborn'))).toBe(false)
  })
})
