import { describe, expect, it } from 'vitest'
import { failedWith, isGone, KubernetesError, statusError } from './errors.ts'
import { collect } from './fake-api.ts'
import { splitLines } from './lines.ts'
import { apiVersionOf, collectionPath, objectPath } from './paths.ts'
import { createTokenBuckets } from './token-bucket.ts'
import { isNewer } from './versions.ts'

const games = { group: 'galaxy.dev', version: 'v1', plural: 'games', namespaced: true }
const leases = { group: '', version: 'v1', plural: 'events', namespaced: true }
const nodes = { group: '', version: 'v1', plural: 'nodes', namespaced: false }

describe('a path', () => {
  it.each([
    [collectionPath(games, 'default'), '/apis/galaxy.dev/v1/namespaces/default/games'],
    [collectionPath(games), '/apis/galaxy.dev/v1/games'],
    [collectionPath(leases, 'a'), '/api/v1/namespaces/a/events'],
    [objectPath(games, { namespace: 'a', name: 'b' }, 'status'), '/apis/galaxy.dev/v1/namespaces/a/games/b/status'],
    [objectPath(nodes, { namespace: '', name: 'n' }), '/api/v1/nodes/n'],
    [
      objectPath(games, { namespace: 'a', name: '../secrets/x' }),
      '/apis/galaxy.dev/v1/namespaces/a/games/..%2Fsecrets%2Fx',
    ],
    [apiVersionOf(games), 'galaxy.dev/v1'],
    [apiVersionOf(nodes), 'v1'],
  ])('is %s', (path, expected) => {
    expect(path).toBe(expected)
  })

  it('of one object is never that of its collection', () => {
    expect(() => objectPath(games, { namespace: 'a', name: '' })).toThrow(/must not be empty/)
    expect(() => objectPath(games, { namespace: '', name: 'a' })).toThrow(/namespace is needed/)
  })
})

describe('an error', () => {
  it.each([
    [
      404,
      { kind: 'Status', reason: 'NotFound', message: 'games "x" not found', code: 404 },
      404,
      'NotFound',
      'games "x" not found',
    ],
    [409, { kind: 'Status', reason: 'AlreadyExists', code: 409 }, 409, 'AlreadyExists', /409 AlreadyExists/],
    [410, undefined, 410, 'Expired', /410/],
    [500, { code: 410, reason: 'Expired', message: 'too old' }, 410, 'Expired', 'too old'],
    [418, 'teapot', 418, 'Unknown', /418/],
  ])('of answer %i %j is %i %s', (http, body, code, reason, message) => {
    const error = statusError(http, body)
    expect(error).toMatchObject({ status: code, reason, message: expect.stringMatching(message) })
  })

  it('knows what it is', () => {
    expect(failedWith(new KubernetesError(404, 'NotFound', ''), 'NotFound')).toBe(true)
    expect(failedWith(new Error('NotFound'), 'NotFound')).toBe(false)
    expect(isGone(new KubernetesError(410, 'Gone', ''))).toBe(true)
  })
})

describe('a resourceVersion', () => {
  it.each([
    ['10', '9', true],
    ['9', '10', false],
    ['10', '10', false],
    ['18446744073709551615', '18446744073709551614', true],
    ['1', '', true],
    ['', '1', false],
    ['x', '1', false],
  ])('%s is newer than %s: %s', (a, b, expected) => {
    expect(isNewer(a, b)).toBe(expected)
  })
})

async function* chunksOf(...chunks: (string | Uint8Array)[]) {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

describe('lines of a stream', () => {
  it('come whole, however the bytes were cut', async () => {
    const bytes = Buffer.from('{"a":"Zürich ✓"}\n\n{"b":2}\n')
    for (let size = 1; size <= bytes.length; size += 1) {
      const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      const lines = await collect(splitLines(chunksOf(...parts)))
      expect(lines).toEqual(['{"a":"Zürich ✓"}', '', '{"b":2}'])
    }
  })

  it('leave out a last one that was cut short', async () => {
    expect(await collect(splitLines(chunksOf('one\ntw')))).toEqual(['one'])
  })

  it('have a limit, so that an endless one does not fill the memory', async () => {
    await expect(collect(splitLines(chunksOf('x'.repeat(9), 'x'.repeat(9)), { maxBytes: 10 }))).rejects.toThrow(
      /longer/,
    )
  })
})

describe('a token bucket', () => {
  it('lets a burst pass, then one for each refill', () => {
    const take = createTokenBuckets({ burst: 3, refillMs: 100, maxKeys: 10 })
    expect([0, 0, 0, 0].map((at) => take('a', at))).toEqual([true, true, true, false])
    expect([99, 100, 101, 250, 300].map((at) => take('a', at))).toEqual([false, true, false, true, true])
  })

  it('is one per key, and forgets the key unused for longest', () => {
    const take = createTokenBuckets({ burst: 1, refillMs: 1e9, maxKeys: 2 })
    expect(['a', 'b', 'a', 'c', 'a', 'b'].map((key) => take(key, 0))).toEqual([true, true, false, true, false, true])
  })
})
