import { describe, expect, it } from 'vitest'
import { aPod, aPolicy, podOptions } from './fixtures.ts'
import type { NetworkPolicy } from './kinds.ts'
import { pullPod } from './pod-object.ts'
import { enginesPolicy, isWhole } from './walls.ts'

const { podSelector, ingress } = enginesPolicy().spec
const key = podSelector.matchExpressions[0]?.key

describe('the wall of a namespace', () => {
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
