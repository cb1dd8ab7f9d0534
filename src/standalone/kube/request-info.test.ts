import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTrue, parseRequest } from './request-info.ts'

const games = { at: 'resource', group: 'galaxy.dev', version: 'v1', resource: 'games' }

describe('reading a request', () => {
  it.each([
    ['GET', '/apis/galaxy.dev/v1/games', { ...games, verb: 'list', namespace: '', name: '' }],
    ['GET', '/apis/galaxy.dev/v1/namespaces/x/games', { ...games, verb: 'list', namespace: 'x', name: '' }],
    ['GET', '/apis/galaxy.dev/v1/namespaces/x/games/a', { ...games, verb: 'get', namespace: 'x', name: 'a' }],
    ['HEAD', '/apis/galaxy.dev/v1/namespaces/x/games/a', { ...games, verb: 'get', name: 'a' }],
    ['GET', '/apis/galaxy.dev/v1/games?watch=true', { ...games, verb: 'watch' }],
    ['GET', '/apis/galaxy.dev/v1/games?watch=false', { ...games, verb: 'list' }],
    ['POST', '/apis/galaxy.dev/v1/namespaces/x/games', { ...games, verb: 'create' }],
    ['PUT', '/apis/galaxy.dev/v1/namespaces/x/games/a/status', { ...games, verb: 'update', subresource: 'status' }],
    ['PATCH', '/apis/galaxy.dev/v1/namespaces/x/games/a', { ...games, verb: 'patch' }],
    ['DELETE', '/apis/galaxy.dev/v1/namespaces/x/games/a', { ...games, verb: 'delete' }],
    ['DELETE', '/apis/galaxy.dev/v1/namespaces/x/games', { ...games, verb: 'deletecollection' }],
    ['GET', '/api/v1/namespaces/x', { resource: 'namespaces', group: '', namespace: '', name: 'x' }],
    ['PUT', '/api/v1/namespaces/x/status', { resource: 'namespaces', name: 'x', subresource: 'status' }],
    ['GET', '/api/v1/namespaces/x/events', { resource: 'events', namespace: 'x', name: '' }],
    ['GET', '/api/v1/namespaces/x/events/a%2Fb', { resource: 'events', name: 'a/b' }],
    ['GET', '/apis/galaxy.dev/v1', { at: 'path', path: '/apis/galaxy.dev/v1' }],
    ['GET', '/openapi/v3/apis/galaxy.dev/v1?hash=1', { at: 'path', path: '/openapi/v3/apis/galaxy.dev/v1' }],
    ['GET', '/', { at: 'path', path: '/' }],
  ])('%s %s', (method, url, expected) => {
    expect(parseRequest(method, url)).toMatchObject(expected)
  })

  it.each([
    ['GET', '/apis/galaxy.dev/v1/games/%E0%A4%A'],
    ['TRACE', '/apis/galaxy.dev/v1/games'],
    ['GET', '/apis/galaxy.dev/v1/namespaces/x/games/a/status/more'],
  ])('knows nothing of %s %s', (method, url) => {
    expect(parseRequest(method, url)).toBeUndefined()
  })

  it('never throws, whatever the path', () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        expect(() => parseRequest('GET', `/${path}`)).not.toThrow()
      }),
    )
  })

  it.each([
    [null, false],
    ['', true],
    ['1', true],
    ['true', true],
    ['0', false],
    ['false', false],
  ])('takes the flag %j for %j', (value, expected) => {
    expect(isTrue(value)).toBe(expected)
  })
})
