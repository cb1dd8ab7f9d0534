import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentLog } from './log.ts'
import { Mirror, sortStored } from './mirror.ts'
import { type LogEntry, pathOf, storedAs } from './model.ts'

const kind = 'games.galaxy.dev'
const names = fc.constantFrom('a', 'b', 'c', 'd')

/** Writes that follow one another: each name is put or deleted. */
const history = fc.array(fc.record({ name: names, deletes: fc.boolean() }), { maxLength: 40 })

function entriesOf(writes: readonly { name: string; deletes: boolean }[]): LogEntry[] {
  const mirror = new Mirror()
  return writes.flatMap(({ name, deletes }, index): LogEntry[] => {
    const key = { kind, namespace: 'x', name }
    const previous = mirror.get(key)
    if (deletes && !previous) return []
    const stored = storedAs(key, index + 1, { metadata: { name } })
    const entry: LogEntry = {
      version: index + 1,
      type: deletes ? 'DELETED' : previous ? 'MODIFIED' : 'ADDED',
      stored,
      previous,
    }
    mirror.apply(entry)
    return [entry]
  })
}

function stateAfter(entries: readonly LogEntry[]): Mirror {
  const mirror = new Mirror()
  entries.forEach((entry) => mirror.apply(entry))
  return mirror
}

describe('the log of recent writes', () => {
  it('takes a state back to any version it still knows', () => {
    fc.assert(
      fc.property(history, fc.nat(40), (writes, back) => {
        const entries = entriesOf(writes)
        const log = new RecentLog()
        entries.forEach((entry) => log.add(entry))
        const changes = log.undo(kind, back) ?? new Map()
        const untouched = stateAfter(entries)
          .list(kind)
          .filter((stored) => !changes.has(pathOf(stored)))
        const seen = sortStored([...untouched, ...[...changes.values()].filter((stored) => stored !== undefined)])
        expect(seen).toEqual(stateAfter(entries.filter(({ version }) => version <= back)).list(kind))
      }),
    )
  })

  it('gives what came after a version, in order', () => {
    fc.assert(
      fc.property(history, fc.nat(40), (writes, version) => {
        const entries = entriesOf(writes)
        const log = new RecentLog()
        entries.forEach((entry) => log.add(entry))
        expect(log.since(version)).toEqual(entries.filter((entry) => entry.version > version))
      }),
    )
  })

  it('knows what it has forgotten', () => {
    const log = new RecentLog({ entries: 3, bytes: 1_000_000 })
    const entries = entriesOf(Array.from({ length: 5 }, () => ({ name: 'a', deletes: false })))
    entries.forEach((entry) => log.add(entry))
    expect(log.floor).toBe(2)
    expect(log.since(1)).toBeUndefined()
    expect(log.since(2)?.map(({ version }) => version)).toEqual([3, 4, 5])
    expect(log.undo(kind, 1)).toBeUndefined()
  })

  it('forgets early when its entries are large', () => {
    const log = new RecentLog({ entries: 1000, bytes: 2000 })
    entriesOf(Array.from({ length: 50 }, () => ({ name: 'a', deletes: false }))).forEach((entry) => log.add(entry))
    expect(log.floor).toBeGreaterThan(30)
  })

  it('stays right while it forgets thousands of entries', () => {
    const log = new RecentLog({ entries: 100, bytes: 1_000_000 })
    entriesOf(Array.from({ length: 5000 }, () => ({ name: 'a', deletes: false }))).forEach((entry) => log.add(entry))
    expect(log.floor).toBe(4900)
    expect(log.since(4995)?.map(({ version }) => version)).toEqual([4996, 4997, 4998, 4999, 5000])
  })
})
