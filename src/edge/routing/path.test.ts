import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commands } from '../../messages/index.ts'
import { backendRequest } from './path.ts'

const get = (path: string) => ({ method: 'GET', path }) as const
const post = (path: string) => ({ method: 'POST', path }) as const

describe('the call of a command', () => {
  it('carries what the path names in the path, and the rest of a GET in the query', () => {
    expect(backendRequest(get('/games/{id}/turns/{turn}/orders'), { id: 'g1', turn: 3, full: true })).toEqual({
      method: 'GET',
      path: '/api/v1/user/games/g1/turns/3/orders?full=true',
    })
  })

  it('joins the query that the path has already', () => {
    expect(backendRequest(get('/games?scope=mine'), { after: 'a b&c' }).path).toBe(
      '/api/v1/user/games?scope=mine&after=a+b%26c',
    )
    expect(backendRequest(get('/games?scope=mine'), {}).path).toBe('/api/v1/user/games?scope=mine')
  })

  it('has the rest of the payload as its body when it is no GET', () => {
    expect(backendRequest(post('/games/{id}/orders'), { id: 'g1', turn: 3, orders: [{ type: 'x' }] })).toEqual({
      method: 'POST',
      path: '/api/v1/user/games/g1/orders',
      body: { turn: 3, orders: [{ type: 'x' }] },
    })
    expect(backendRequest(post('/sessions/logout'), {}).body).toEqual({})
  })

  it('leaves out what is undefined', () => {
    expect(backendRequest(get('/orders'), { turn: undefined }).path).toBe('/api/v1/user/orders')
  })

  it('stays where the template says, whatever the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        fc.pre(!/^\.{0,2}$/.test(value) && value.isWellFormed())
        const { path } = backendRequest(get('/games/{id}/info'), { id: value })
        const { pathname, search, hash } = new URL(path, 'http://backend')
        expect(pathname).toMatch(/^\/api\/v1\/user\/games\/[^/]+\/info$/)
        expect(decodeURIComponent(pathname.split('/')[5] ?? '')).toBe(value)
        expect(search + hash).toBe('')
      }),
    )
  })

  it.each(['', '.', '..'])('is refused for the segment "%s", which leads elsewhere', (id) => {
    expect(() => backendRequest(get('/games/{id}/info'), { id })).toThrow(
      expect.objectContaining({
        reason: 'invalid_input',
        details: { errors: [expect.objectContaining({ field: 'id' })] },
      }),
    )
  })
})

describe.each([...commands.values()])('the line of $type', (command) => {
  it('leads below /api/v1/user', () => {
    const everything = Object.fromEntries(Object.keys(command.payload.shape).map((name) => [name, 'x']))
    expect(backendRequest(command, everything).path).toMatch(/^\/api\/v1\/user(\/[a-zA-Z0-9_-]+)+(\?|$)/)
  })
})
