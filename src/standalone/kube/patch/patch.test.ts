import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch, PatchError } from './index.ts'

const game = { metadata: { labels: { 'a/b': '1', 'c~d': '2' } }, spec: { players: ['x', 'y'], size: 3 } }

describe('a JSON patch', () => {
  it.each([
    ['adds a field', { op: 'add', path: '/spec/seed', value: null }, { size: 3, seed: null }],
    ['adds over a field', { op: 'add', path: '/spec/size', value: 4 }, { size: 4 }],
    ['replaces a field', { op: 'replace', path: '/spec/size', value: 4 }, { size: 4 }],
    ['removes a field', { op: 'remove', path: '/spec/size' }, {}],
    ['copies a field', { op: 'copy', from: '/spec/size', path: '/spec/seed' }, { size: 3, seed: 3 }],
    ['moves a field', { op: 'move', from: '/spec/size', path: '/spec/seed' }, { seed: 3 }],
    ['tests a field', { op: 'test', path: '/spec/size', value: 3 }, { size: 3 }],
  ])('%s', (_what, operation, expected) => {
    expect(applyJsonPatch({ spec: { size: 3 } }, [operation])).toEqual({ spec: expected })
  })

  it.each([
    ['at an index', '/1', ['x', 'n', 'y']],
    ['at the end', '/-', ['x', 'y', 'n']],
    ['counted from the end', '/-1', ['x', 'y', 'n']],
  ])('inserts an item %s', (_where, path, expected) => {
    expect(applyJsonPatch(['x', 'y'], [{ op: 'add', path, value: 'n' }])).toEqual(expected)
  })

  it('removes an item, and moves one', () => {
    expect(applyJsonPatch(['x', 'y'], [{ op: 'remove', path: '/0' }])).toEqual(['y'])
    expect(applyJsonPatch(['x', 'y'], [{ op: 'move', from: '/0', path: '/-' }])).toEqual(['y', 'x'])
  })

  it('reads escapes in paths', () => {
    const patch = [
      { op: 'remove', path: '/metadata/labels/a~1b' },
      { op: 'replace', path: '/metadata/labels/c~0d', value: '3' },
    ]
    expect(applyJsonPatch(game, patch)).toMatchObject({ metadata: { labels: { 'c~d': '3' } } })
  })

  it('replaces the whole document at the empty path', () => {
    expect(applyJsonPatch(game, [{ op: 'replace', path: '', value: { other: true } }])).toEqual({ other: true })
  })

  it.each([
    ['a failed test', { op: 'test', path: '/spec/size', value: 4 }, 'testing value /spec/size failed: test failed'],
    [
      'a missing field',
      { op: 'replace', path: '/spec/no', value: 1 },
      'replace operation does not apply: doc is missing key: /spec/no: missing value',
    ],
    [
      'a missing parent',
      { op: 'add', path: '/no/no', value: 1 },
      'add operation does not apply: doc is missing path: /no/no: missing value',
    ],
    [
      'removing what is not there',
      { op: 'remove', path: '/spec/no' },
      "error in remove for path: '/spec/no': Unable to remove nonexistent key: no: missing value",
    ],
    [
      'an index out of range',
      { op: 'add', path: '/spec/players/3', value: 1 },
      'Unable to access invalid index: 3: invalid index referenced',
    ],
    ['no index', { op: 'add', path: '/spec/players/x', value: 1 }, "value was not a proper array index: 'x'"],
    ['an unknown operation', { op: 'destroy', path: '/spec' }, 'Unexpected kind: destroy'],
  ])('refuses %s', (_what, operation, message) => {
    expect(() => applyJsonPatch(game, [operation])).toThrow(new PatchError(message))
  })

  it.each([
    [{}],
    ['x'],
    [[1]],
    [[{ op: 'add' }]],
    [[{ op: 'add', path: 'spec', value: 1 }]],
    [[{ op: 'add', path: '/x' }]],
  ])('refuses what is no patch: %j', (patch) => {
    expect(() => applyJsonPatch(game, patch)).toThrow(PatchError)
  })

  it('does not grow a document without end', () => {
    const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }))
    expect(() => applyJsonPatch({ a: ['x'] }, doubling)).toThrow('exceeding the limit')
    const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: null }))
    expect(() => applyJsonPatch({}, many)).toThrow('maximum operations in a JSON patch is 10000')
  })

  it('does not nest a document without end', () => {
    const path = (depth: number) => `/s${'/a'.repeat(depth)}`
    const nesting = [1, 2, 4, 8, 16, 32, 64, 128].map((depth) => ({ op: 'copy', from: '/s', path: path(depth) }))
    expect(() => applyJsonPatch({ s: { a: {} } }, nesting.slice(0, 6))).not.toThrow()
    expect(() => applyJsonPatch({ s: { a: {} } }, nesting)).toThrow('is nested more than 250 levels deep')
  })

  it('keeps names such as __proto__ ordinary', () => {
    const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { evil: true } }])
    expect(Object.keys(Object(patched))).toEqual(['__proto__'])
    expect({}).not.toHaveProperty('evil')
    expect(() => applyJsonPatch({}, [{ op: 'test', path: '/constructor/name', value: 'Object' }])).toThrow(PatchError)
  })

  it('takes back what it added, and leaves the document as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.jsonValue(), (given, name, value) => {
        const document: unknown = JSON.parse(JSON.stringify(given))
        const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
        const added = applyJsonPatch(document, [{ op: 'add', path: `/new~0${path.slice(1)}`, value }])
        expect(applyJsonPatch(added, [{ op: 'remove', path: `/new~0${path.slice(1)}` }])).toEqual(document)
        expect(document).toEqual(JSON.parse(JSON.stringify(given)))
      }),
    )
  })
})

describe('a merge patch', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
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
  ])('turns %j with %j into %j, as RFC 7386 says', (document, patch, expected) => {
    expect(applyMergePatch(document, patch)).toEqual(expected)
  })

  it('changes nothing the second time, and an empty one nothing at all', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (given, patch) => {
        const document: unknown = JSON.parse(JSON.stringify(given))
        const once = applyMergePatch(document, patch)
        expect(applyMergePatch(once, patch)).toEqual(once)
        expect(applyMergePatch(document, {})).toEqual(document)
      }),
    )
  })
})

describe('a strategic merge patch', () => {
  const keys = { 'status.conditions': 'type' }
  const owner = (uid: string, name = uid) => ({ uid, name })
  const apply = (document: object, patch: object) => applyStrategicMergePatch({ ...document }, { ...patch }, keys)

  it('merges objects, and removes by null', () => {
    expect(apply({ metadata: { labels: { a: '1', b: '2' } } }, { metadata: { labels: { a: null, c: '3' } } })).toEqual({
      metadata: { labels: { b: '2', c: '3' } },
    })
  })

  it('merges lists by key, and replaces the others', () => {
    expect(
      apply(
        { metadata: { ownerReferences: [owner('1'), owner('2')] }, spec: { list: [1] } },
        { metadata: { ownerReferences: [owner('2', 'new'), owner('3')] }, spec: { list: [2] } },
      ),
    ).toEqual({ metadata: { ownerReferences: [owner('1'), owner('2', 'new'), owner('3')] }, spec: { list: [2] } })
    const conditions = [{ type: 'Ready', status: 'True', reason: 'Up' }]
    expect(apply({ status: { conditions } }, { status: { conditions: [{ type: 'Ready', status: 'False' }] } })).toEqual(
      {
        status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Up' }] },
      },
    )
  })

  it('deletes and replaces where it says so', () => {
    const references = { metadata: { ownerReferences: [owner('1'), owner('2')] } }
    expect(apply(references, { metadata: { ownerReferences: [{ $patch: 'delete', uid: '1' }] } })).toEqual({
      metadata: { ownerReferences: [owner('2')] },
    })
    expect(apply(references, { metadata: { ownerReferences: [owner('3'), { $patch: 'replace' }] } })).toEqual({
      metadata: { ownerReferences: [owner('3')] },
    })
    expect(apply({ spec: { a: 1 } }, { spec: { $patch: 'replace', b: 2 } })).toEqual({ spec: { b: 2 } })
    expect(apply({ spec: { a: 1 } }, { spec: { $patch: 'delete' } })).toEqual({ spec: {} })
    expect(apply({ spec: { a: 1, b: 2 } }, { spec: { $retainKeys: ['b'], b: 3 } })).toEqual({ spec: { b: 3 } })
  })

  it('keeps finalizers a set', () => {
    const finalizers = ['a', 'b']
    expect(apply({ metadata: { finalizers } }, { metadata: { finalizers: ['b', 'c'] } })).toEqual({
      metadata: { finalizers: ['a', 'b', 'c'] },
    })
    expect(apply({ metadata: { finalizers } }, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } })).toEqual(
      {
        metadata: { finalizers: ['b'] },
      },
    )
  })

  it('orders items as it is told', () => {
    expect(
      apply(
        { metadata: { finalizers: ['server', 'a', 'b'] } },
        { metadata: { '$setElementOrder/finalizers': ['b', 'a', 'c'], finalizers: ['c'] } },
      ),
    ).toEqual({ metadata: { finalizers: ['server', 'b', 'a', 'c'] } })
  })

  it('refuses items without their key and directives it does not know', () => {
    expect(() => apply({}, { metadata: { ownerReferences: [{ name: 'x' }] } })).toThrow(
      new PatchError('map: {"name":"x"} does not contain declared merge key: uid'),
    )
    expect(() => apply({}, { spec: { $patch: 'burn' } })).toThrow(new PatchError('unknown patch type: "burn" in map'))
  })
})
