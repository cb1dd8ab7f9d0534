import { describe, expect, it } from 'vitest'
import { writeContinueToken } from './continue-token.ts'
import { readListOptions, readWatchOptions } from './list-options.ts'

const list = (query: string) => readListOptions(new URLSearchParams(query))
const watch = (query: string) => readWatchOptions(new URLSearchParams(query))

describe('the options of a list', () => {
  it('starts from the newest state when nothing, or 0, is said', () => {
    expect(list('').at).toBe('newest')
    expect(list('resourceVersion=0').at).toBe('newest')
    expect(list('resourceVersion=0&resourceVersionMatch=NotOlderThan').at).toBe('newest')
  })

  it('reads limits, versions and tokens', () => {
    expect(list('limit=5&resourceVersion=7').at).toEqual({ version: 7, match: 'NotOlderThan' })
    expect(list('resourceVersion=7&resourceVersionMatch=Exact').at).toEqual({ version: 7, match: 'Exact' })
    const token = writeContinueToken({ version: 9, after: 'x/a' })
    expect(list(`limit=5&continue=${token}`)).toMatchObject({ limit: 5, from: { version: 9, after: 'x/a' } })
  })

  it.each([
    'limit=-1',
    'limit=many',
    'resourceVersion=x',
    'resourceVersionMatch=Exact',
    'resourceVersion=0&resourceVersionMatch=Exact',
    'resourceVersion=3&resourceVersionMatch=Newer',
    'continue=bm90aGluZw',
    'continue=%00',
    `resourceVersion=3&continue=${writeContinueToken({ version: 1, after: 'x' })}`,
  ])('refuses %s', (query) => {
    expect(() => list(query)).toThrow(expect.objectContaining({ code: 400 }))
  })
})

describe('the options of a watch', () => {
  it('begins with what is there unless a version is named', () => {
    expect(watch('').since).toBeUndefined()
    expect(watch('resourceVersion=0').since).toBeUndefined()
    expect(watch('resourceVersion=12').since).toBe(12)
  })

  it('sends initial events when asked to, whatever the version', () => {
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=12&allowWatchBookmarks=true'
    expect(watch(query)).toEqual({ since: undefined, bookmarks: true, initialEvents: true, timeoutMs: undefined })
    expect(() => watch('sendInitialEvents=true')).toThrow('sendInitialEvents requires setting resourceVersionMatch')
  })
})
