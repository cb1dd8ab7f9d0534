import { describe, expect, it } from 'vitest'
import { coreEventKind } from '../kinds/index.ts'
import { selectionOf } from '../read/selection.ts'
import { type LogEntry, storedAs } from '../store/index.ts'
import { eventOf } from './events.ts'

const state = (version: number, team: string) =>
  storedAs({ kind: 'events', namespace: 'x', name: 'a' }, version, { metadata: { name: 'a', labels: { team } } })
const modified = (before: string, after: string): LogEntry => ({
  version: 2,
  type: 'MODIFIED',
  stored: state(2, after),
  previous: state(1, before),
})
const teamA = selectionOf(coreEventKind, '', new URLSearchParams('labelSelector=team=a'))

describe('what a write is to a watcher of a selection', () => {
  it.each([
    ['a', 'a', 'MODIFIED'],
    ['b', 'a', 'ADDED'],
    ['a', 'b', 'DELETED'],
    ['b', 'b', undefined],
  ])('from team %s to team %s: %s', (before, after, type) => {
    expect(eventOf('events', teamA, modified(before, after))?.type).toBe(type)
  })

  it('shows the last state that matched, at the version it stopped to', () => {
    const event = eventOf('events', teamA, modified('a', 'b'))
    expect(event).toMatchObject({
      stored: { version: 2, object: { metadata: { resourceVersion: '2', labels: { team: 'a' } } } },
    })
  })

  it('is nothing to watchers of other kinds and namespaces', () => {
    const elsewhere = selectionOf(coreEventKind, 'y', new URLSearchParams())
    expect(eventOf('events', elsewhere, modified('a', 'a'))).toBeUndefined()
    expect(eventOf('games.galaxy.dev', teamA, modified('a', 'a'))).toBeUndefined()
  })
})
