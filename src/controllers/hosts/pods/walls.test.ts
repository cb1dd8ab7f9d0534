import { describe, expect, it } from 'vitest'
import { aPod, aPolicy, podOptions } from './fixtures.ts'
import type { NetworkPolicy } from './kinds.ts'
import { pullPod } from './pod-object.ts'
import { createWalls, enginesPolicy, isWhole } from './walls.ts'

const { podSelector, ingress } = enginesPolicy().spec
const key = podSelector.matchExpressions[0]?.key

/** A namespace, and the walls that are built in it. */
function aNamespace() {
  let standing: NetworkPolicy | undefined
  const gone = async () => {
    standing = undefined
    return true
  }
  const build = async () => (standing = aPolicy())
  const policies = { create: build, replace: build, get: async () => standing, remove: gone }
  const noted = { pod: () => undefined, service: () => undefined, claim: () => undefined, policy: () => undefined }
  const view = { policy: () => standing, until: async <T>(_: unknown, look: () => T) => look(), written: noted }
  return { walls: createWalls({ policies, view }), stands: () => standing !== undefined }
}

describe('the wall of a namespace', () => {
  it('stands before an engine is made, and goes when none is left', async () => {
    const { walls, stands } = aNamespace()
    expect(await walls.around('a', async () => stands())).toBe(true)
    await walls.release('a')
    expect(stands()).toBe(false)
  })

  it('is not taken down while an engine is made behind it, whether or not that succeeds', async () => {
    const { walls, stands } = aNamespace()
    const [fails, succeeds] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const failing = walls.around('a', () => fails.promise)
    const succeeding = walls.around('a', () => succeeds.promise)
    await walls.release('a')
    fails.reject(new Error('no such class of storage'))
    await expect(failing).rejects.toThrow('no such class of storage')
    await walls.release('a')
    expect(stands()).toBe(true)
    succeeds.resolve()
    await succeeding
    await walls.release('a')
    expect(stands()).toBe(false)
  })

  it('stands around every engine, and around nothing else of ours', () => {
    expect(Object.keys(aPod({}).metadata.labels)).toContain(key)
    expect(Object.keys(Object(pullPod('x', podOptions).metadata).labels)).not.toContain(key)
  })

  it('lets the platform in, and nobody out', () => {
    expect(enginesPolicy().spec.policyTypes).toEqual(['Ingress', 'Egress'])
    expect(ingress).toHaveLength(1)
    expect(enginesPolicy().spec).not.toHaveProperty('egress')
  })

  it('is whole as it was made', () => {
    expect(isWhole(aPolicy())).toBe(true)
  })

  it.each<[string, (policy: NetworkPolicy) => unknown]>([
    ['no rules', (policy) => (policy.spec = { podSelector: {} })],
    ['a gate', (policy) => (policy.spec = { ...policy.spec, egress: [{}] })],
    ['one more who may come in', (policy) => (policy.spec = { ...policy.spec, ingress: [...ingress, {}] })],
    [
      'fewer engines behind it',
      (policy) => (policy.spec = { ...policy.spec, podSelector: { matchLabels: { a: 'b' } } }),
    ],
    ['no label by which it is found', (policy) => (policy.metadata.labels = {})],
  ])('is mended when it has %s', (_, edit) => {
    const policy = aPolicy()
    edit(policy)
    expect(isWhole(policy)).toBe(false)
  })
})
