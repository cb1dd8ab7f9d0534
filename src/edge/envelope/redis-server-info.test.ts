import { describe, expect, it } from 'vitest'
import { checkEvictionPolicy, readServerInfo } from './redis-server-info.ts'

const lines = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('')

const well = { run_id: 'aa', redis_mode: 'standalone', master_replid: 'bb', maxmemory_policy: 'noeviction' }

describe('the answer of INFO', () => {
  it('identifies the server by its run and by the history of its data', () => {
    expect(readServerInfo(`# Server\r\n${lines({ ...well, evicted_keys: '3' })}`)).toEqual({
      identity: 'aa:bb',
      evictionPolicy: 'noeviction',
      evictedKeys: 3,
    })
  })

  it.each([
    { what: 'a Sentinel', change: { redis_mode: 'sentinel' }, message: 'Sentinel' },
    { what: 'a node of a cluster', change: { redis_mode: 'cluster' }, message: 'Redis Cluster' },
    { what: 'a server that is loading', change: { loading: '1' }, message: 'loading' },
  ])('of $what is refused', ({ change, message }) => {
    expect(() => readServerInfo(lines({ ...well, ...change }))).toThrow(message)
  })

  it('that does not tell one server from another is refused', () => {
    expect(() => readServerInfo(lines({ redis_version: '7.0.0' }))).toThrow('restarts cannot be told')
  })
})

describe('an eviction policy', () => {
  it('that keeps reservations is accepted', () => {
    expect(() => checkEvictionPolicy('noeviction')).not.toThrow()
  })

  it.each([
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
    'volatile-lru',
    'volatile-lfu',
    'volatile-random',
    'volatile-ttl',
    'a-new-one',
  ])('%s is refused', (policy) => {
    expect(() => checkEvictionPolicy(policy)).toThrow(`is ${policy}, but must be noeviction`)
  })

  it('that cannot be read is refused', () => {
    expect(() => checkEvictionPolicy(undefined)).toThrow('cannot be read')
  })
})
