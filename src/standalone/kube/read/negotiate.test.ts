import { describe, expect, it } from 'vitest'
import { negotiate } from './negotiate.ts'

const kubectl =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'

describe('choosing how to answer', () => {
  it.each([
    [undefined, 'object'],
    ['*/*', 'object'],
    ['application/json', 'object'],
    ['application/vnd.kubernetes.protobuf,application/json', 'object'],
    ['application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json', 'object'],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'partial'],
    [kubectl, 'table'],
  ])('%s → %s', (accept, rendering) => {
    expect(negotiate(accept)).toBe(rendering)
  })

  it('refuses what there is not', () => {
    expect(() => negotiate('application/vnd.kubernetes.protobuf')).toThrow(expect.objectContaining({ code: 406 }))
  })
})
