import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../platform/json.ts'
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch, PatchError } from './index.ts'

describe('applyJsonPatch', () => {
  // The examples of RFC 6902, appendix A.
  it.each<[unknown, unknown, unknown]>([
    [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    [{ baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [{ foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    [{ baz: 'qux', foo: 'bar' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo', foo: 'bar' }],
    [{ foo: { a: 1 }, qux: {} }, [{ op: 'move', from: '/foo/a', path: '/qux/b' }], { foo: {}, qux: { b: 1 } }],
    [{ foo: ['a', 'b', 'c'] }, [{ op: 'move', from: '/foo/0', path: '/foo/2' }], { foo: ['b', 'c', 'a'] }],
    [{ baz: 'qux', foo: ['a', 2] }, [{ op: 'test', path: '/foo/1', value: 2 }], { baz: 'qux', foo: ['a', 2] }],
    [{ foo: 'bar' }, [{ op: 'add', path: '/child', value: { a: {} } }], { foo: 'bar', child: { a: {} } }],
    [
      { '/': 9, '~1': 10 },
      [
        { op: 'test', path: '/~01', value: 10 },
        { op: 'remove', path: '/~1' },
      ],
      { '~1': 10 },
    ],
    [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc'] }], { foo: ['bar', ['abc']] }],
    [{ foo: 1 }, [{ op: 'copy', from: '/foo', path: '/bar' }], { foo: 1, bar: 1 }],
    [{ foo: 1 }, [{ op: 'replace', path: '', value: { bar: 2 } }], { bar: 2 }],
    [{ foo: null }, [{ op: 'test', path: '/foo', value: null }], { foo: null }],
  ])('makes of %j by %j: %j', (document, patch, result) => {
    expect(applyJsonPatch(document, patch)).toEqual(result)
  })

  it.each<[string, unknown]>([
    ['a failed test', [{ op: 'test', path: '/foo', value: 'x' }]],
    ['a test for another type', [{ op: 'test', path: '/list/0', value: '1' }]],
    ['a missing parent', [{ op: 'add', path: '/a/b', value: 1 }]],
    ['removing what is not there', [{ op: 'remove', path: '/a' }]],
    ['replacing what is not there', [{ op: 'replace', path: '/a', value: 1 }]],
    ['an index beyond the end', [{ op: 'add', path: '/list/5', value: 1 }]],
    ['an index with a leading zero', [{ op: 'replace', path: '/list/00', value: 1 }]],
    ['an unknown operation', [{ op: 'bend', path: '/foo' }]],
    ['a value that is missing', [{ op: 'add', path: '/a' }]],
    ['a pointer without a slash', [{ op: 'remove', path: 'foo' }]],
    ['what is no list', { op: 'remove', path: '/foo' }],
    ['members every object inherits', [{ op: 'remove', path: '/constructor' }]],
    [
      'more operations than allowed',
      Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/foo', value: 'bar' })),
    ],
  ])('refuses %s', (_what, patch) => {
    expect(() => applyJsonPatch({ foo: 'bar', list: [1] }, patch)).toThrow(PatchError)
  })

  it('refuses copies that make a document grow without end', () => {
    const copies = Array.from({ length: 60 }, (_, n) => ({ op: 'copy', from: '', path: `/n${n}` }))
    expect(() => applyJsonPatch({ a: 'x'.repeat(100) }, copies)).toThrow(PatchError)
  })

  it('finds what it added, and undoes it', () => {
    fc.assert(
      fc.property(dictionary(), fc.string(), fc.jsonValue(), (document, name, value) => {
        fc.pre(!Object.hasOwn(document, name))
        const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
        const before = JSON.stringify(document)
        const added = applyJsonPatch(document, [
          { op: 'add', path, value },
          { op: 'test', path, value },
        ])
        expect(applyJsonPatch(added, [{ op: 'remove', path }])).toEqual(document)
        expect(JSON.stringify(document)).toBe(before)
      }),
    )
  })
})

describe('applyMergePatch', () => {
  // The examples of RFC 7386, appendix A.
  it.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('makes of %j by %j: %j', (document, patch, result) => {
    expect(applyMergePatch(document, patch)).toEqual(result)
  })

  it('does the same when it is applied again, and leaves its input alone', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (document, patch) => {
        const before = JSON.stringify(document)
        const once = applyMergePatch(document, patch)
        expect(applyMergePatch(once, patch)).toEqual(once)
        expect(JSON.stringify(document)).toBe(before)
      }),
    )
  })

  it('makes no prototype of __proto__', () => {
    const result = applyMergePatch({}, JSON.parse('{"__proto__":{"a":1}}'))
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
  })
})

describe('applyStrategicMergePatch', () => {
  const patched = (document: JsonObject, patch: JsonObject) =>
    applyStrategicMergePatch({ metadata: document }, { metadata: patch }, { 'metadata.items': 'name' })['metadata']

  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    [
      'merges maps and removes nulls',
      { labels: { a: '1', b: '2' } },
      { labels: { a: null, c: '3' } },
      { labels: { b: '2', c: '3' } },
    ],
    ['adds to a set', { finalizers: ['a'] }, { finalizers: ['a', 'b'] }, { finalizers: ['a', 'b'] }],
    [
      'deletes from a set',
      { finalizers: ['a', 'b'] },
      { '$deleteFromPrimitiveList/finalizers': ['a'] },
      { finalizers: ['b'] },
    ],
    [
      'merges items with the same key',
      { items: [{ name: 'a', x: 1, y: 1 }] },
      { items: [{ name: 'a', x: 2 }, { name: 'b' }] },
      { items: [{ name: 'a', x: 2, y: 1 }, { name: 'b' }] },
    ],
    [
      'deletes an item',
      { items: [{ name: 'a' }, { name: 'b' }] },
      { items: [{ name: 'a', $patch: 'delete' }] },
      { items: [{ name: 'b' }] },
    ],
    [
      'replaces a list',
      { items: [{ name: 'a' }] },
      { items: [{ name: 'b' }, { $patch: 'replace' }] },
      { items: [{ name: 'b' }] },
    ],
    ['replaces a map', { labels: { a: '1' } }, { labels: { $patch: 'replace', b: '2' } }, { labels: { b: '2' } }],
    [
      'retains only some keys',
      { labels: { a: '1', b: '2' } },
      { labels: { $retainKeys: ['a', 'c'], c: '3' } },
      { labels: { a: '1', c: '3' } },
    ],
    [
      'orders items',
      { items: [{ name: 'a' }, { name: 'b' }] },
      { '$setElementOrder/items': [{ name: 'b' }, { name: 'a' }] },
      { items: [{ name: 'b' }, { name: 'a' }] },
    ],
    [
      'orders a set',
      { finalizers: ['a', 'b'] },
      { '$setElementOrder/finalizers': ['b', 'a'] },
      { finalizers: ['b', 'a'] },
    ],
    ['replaces other lists', { other: [1] }, { other: [2] }, { other: [2] }],
    [
      'merges owners by uid',
      { ownerReferences: [{ uid: '1' }] },
      { ownerReferences: [{ uid: '2' }] },
      { ownerReferences: [{ uid: '1' }, { uid: '2' }] },
    ],
  ])('%s', (_what, document, patch, result) => {
    const before = JSON.stringify(document)
    expect(patched(document, patch)).toEqual(result)
    expect(JSON.stringify(document)).toBe(before)
  })

  it('refuses items without their key, and directives nobody knows', () => {
    expect(() => patched({}, { items: [{ x: 1 }] })).toThrow(PatchError)
    expect(() => patched({}, { labels: { $patch: 'bend' } })).toThrow(PatchError)
  })
})

function dictionary(): fc.Arbitrary<JsonObject> {
  return fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }).map((object): JsonObject => object)
}
