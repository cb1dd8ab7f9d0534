import { describe, expect, it } from 'vitest'
import { type ApiResource, findKind, findResource } from './discovery.ts'

const games: ApiResource = {
  group: 'galaxy.dev',
  version: 'v1',
  plural: 'games',
  singular: 'game',
  shortNames: ['gm'],
  kind: 'Game',
  namespaced: true,
}
const events: ApiResource = {
  ...games,
  group: '',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  kind: 'Event',
}
const resources = [events, games]

describe('a resource', () => {
  it.each(['games', 'game', 'gm', 'Game', 'games.galaxy.dev', 'GAMES'])('is found as %s', (typed) => {
    expect(findResource(resources, typed)).toBe(games)
  })

  it.each(['ships', 'games.other.dev', ''])('is not found as "%s"', (typed) => {
    expect(findResource(resources, typed)).toBeUndefined()
  })

  it('is found by what a manifest says, in its own group and version only', () => {
    expect(findKind(resources, { apiVersion: 'galaxy.dev/v1', kind: 'Game' })).toBe(games)
    expect(findKind(resources, { apiVersion: 'v1', kind: 'Event' })).toBe(events)
    expect(findKind(resources, { apiVersion: 'galaxy.dev/v2', kind: 'Game' })).toBeUndefined()
  })
})
