import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Change, createObjectCache, type ObjectCache } from './cache.ts'
import { type Widget, widget } from './fake-api.ts'
import { keyOf } from './objects.ts'

type Told = { name: string } & Change<string>

function cacheWithLog() {
  const told: Told[] = []
  const version = (object: Widget | undefined) => object && `${object.metadata.uid}@${object.metadata.resourceVersion}`
  const cache = createObjectCache<Widget>(({ name }, { before, after }) =>
    told.push({ name, before: version(before), after: version(after) }),
  )
  return { cache, told, forget: () => told.splice(0) }
}

const snapshot = (resourceVersion: number, ...items: Widget[]) => ({
  items,
  unreadable: [],
  resourceVersion: String(resourceVersion),
})

describe('a cache', () => {
  it('tells what a list changed, and nothing else', () => {
    const { cache, told, forget } = cacheWithLog()
    cache.replaceAll(snapshot(3, widget('a', 1), widget('b', 2), widget('c', 3)))
    forget()
    cache.replaceAll(snapshot(9, widget('a', 1), widget('b', 8), widget('d', 9)))
    expect(told).toEqual([
      { name: 'c', before: 'uid-c@3', after: undefined },
      { name: 'b', before: 'uid-b@2', after: 'uid-b@8' },
      { name: 'd', before: undefined, after: 'uid-d@9' },
    ])
  })

  it('tells of an object made again under its name as of two', () => {
    const { cache, told, forget } = cacheWithLog()
    cache.replaceAll(snapshot(1, widget('a', 1)))
    forget()
    cache.replaceAll(snapshot(5, widget('a', 5, { uid: 'other' })))
    expect(told).toEqual([
      { name: 'a', before: 'uid-a@1', after: undefined },
      { name: 'a', before: undefined, after: 'other@5' },
    ])
  })

  it('keeps an object that cannot be read as it was, and knows what it is now', () => {
    const { cache, told, forget } = cacheWithLog()
    cache.replaceAll(snapshot(1, widget('a', 1)))
    forget()
    const { metadata } = widget('a', 4)
    cache.replaceAll({ items: [], unreadable: [{ metadata, problem: 'size' }], resourceVersion: '5' })
    expect(told).toEqual([])
    expect(cache.list()).toHaveLength(1)
    expect(cache.unreadable()).toEqual([{ metadata, problem: 'size' }])
  })

  it.each<{ what: string; happen: (cache: ObjectCache<Widget>) => void; left: number }>([
    { what: 'is read again', happen: (cache) => cache.put(widget('a', 6)), left: 1 },
    { what: 'is deleted', happen: (cache) => cache.remove(keyOf(widget('a', 1)), 'uid-a', '6'), left: 0 },
    { what: 'is missing in a list', happen: (cache) => cache.replaceAll(snapshot(6)), left: 0 },
  ])('forgets that an object cannot be read when it $what', ({ happen, left }) => {
    const { cache } = cacheWithLog()
    cache.unread({ metadata: widget('a', 5).metadata, problem: 'size' })
    happen(cache)
    expect(cache.unreadable()).toEqual([])
    expect(cache.list()).toHaveLength(left)
  })

  it('drops what it knew under the name of an object that cannot be read', () => {
    const { cache, told, forget } = cacheWithLog()
    cache.put(widget('a', 1))
    forget()
    cache.unread({ metadata: widget('a', 5, { uid: 'other' }).metadata, problem: 'size' })
    expect(told).toEqual([{ name: 'a', before: 'uid-a@1', after: undefined }])
  })
})

describe('an own write', () => {
  it('shows at once, and its echo tells nothing', () => {
    const { cache, told, forget } = cacheWithLog()
    cache.replaceAll(snapshot(1, widget('a', 1)))
    forget()
    cache.written(widget('a', 5))
    cache.put(widget('a', 5))
    expect(told).toEqual([{ name: 'a', before: 'uid-a@1', after: 'uid-a@5' }])
  })

  it('is not undone by older events or lists', () => {
    const { cache } = cacheWithLog()
    cache.replaceAll(snapshot(1, widget('a', 1)))
    cache.written(widget('a', 5))
    cache.put(widget('a', 3))
    expect(cache.get(keyOf(widget('a', 1)))?.metadata.resourceVersion).toBe('5')
    cache.replaceAll(snapshot(4))
    expect(cache.get(keyOf(widget('a', 1)))?.metadata.resourceVersion).toBe('5')
  })

  it('is ignored when the watch has seen more, so that nothing deleted comes back', () => {
    const { cache } = cacheWithLog()
    cache.replaceAll(snapshot(1, widget('a', 1)))
    cache.remove(keyOf(widget('a', 1)), 'uid-a', '6')
    cache.advance('6')
    cache.written(widget('a', 5))
    expect(cache.list()).toEqual([])
  })

  it('goes when the object is deleted, even if the deletion carries an older version', () => {
    const { cache } = cacheWithLog()
    cache.replaceAll(snapshot(1, widget('a', 1)))
    cache.written(widget('a', 5))
    cache.remove(keyOf(widget('a', 1)), 'uid-a', '5')
    expect(cache.list()).toEqual([])
  })

  it('that made an object again is not undone by the deletion of the one before', () => {
    const { cache } = cacheWithLog()
    cache.replaceAll(snapshot(1, widget('a', 1)))
    cache.written(widget('a', 7, { uid: 'other' }))
    cache.remove(keyOf(widget('a', 1)), 'uid-a', '6')
    expect(cache.list().map(({ metadata }) => metadata.uid)).toEqual(['other'])
  })

  it('is given up when the server went back in time', () => {
    const { cache } = cacheWithLog()
    cache.replaceAll(snapshot(100, widget('a', 90)))
    cache.written(widget('a', 101))
    cache.replaceAll(snapshot(3, widget('a', 2)))
    expect(cache.list().map(({ metadata }) => metadata.resourceVersion)).toEqual(['2'])
  })

  it('is given up when a list that is newer does not show it: the server went back in time and on from there', () => {
    const { cache } = cacheWithLog()
    cache.replaceAll(snapshot(100, widget('a', 90), widget('b', 91)))
    cache.written(widget('a', 101))
    cache.written(widget('b', 102))
    cache.replaceAll(snapshot(150, widget('a', 2)))
    expect(cache.list().map(({ metadata }) => metadata.resourceVersion)).toEqual(['2'])
  })
})

/** What a server went through: each step changes one of three names. */
const steps = fc.array(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    deletes: fc.boolean(),
    ownWrite: fc.boolean(),
    missed: fc.boolean(),
  }),
  { maxLength: 40 },
)

describe('a cache fed by any history, with gaps and with own writes ahead of the watch', () => {
  it('ends where the server ends, and tells each object a story without gaps', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { cache, told } = cacheWithLog()
        const server = new Map<string, Widget>()
        let backlog: (() => void)[] = []
        let version = 0
        const relist = () => {
          backlog = []
          cache.replaceAll(snapshot(version, ...server.values()))
        }
        relist()
        for (const { name, deletes, ownWrite, missed } of history) {
          version += 1
          const at = String(version)
          const before = server.get(name)
          if (deletes && before) {
            server.delete(name)
            backlog.push(
              () => cache.remove(keyOf(before), before.metadata.uid, at),
              () => cache.advance(at),
            )
          } else {
            const object = widget(name, version, { uid: before?.metadata.uid ?? `uid-${version}` })
            server.set(name, object)
            if (ownWrite) cache.written(object)
            backlog.push(
              () => cache.put(object),
              () => cache.advance(at),
            )
          }
          if (missed) continue
          if (backlog.length > 8) relist()
          else backlog.splice(0).forEach((event) => event())
        }
        if (backlog.length > 4) relist()
        else backlog.forEach((event) => event())

        expect(new Map(cache.list().map((each) => [each.metadata.name, each]))).toEqual(server)
        for (const name of ['a', 'b', 'c']) {
          const story = told.filter((each) => each.name === name)
          story.forEach((each, index) => expect(each.before).toBe(story[index - 1]?.after))
        }
      }),
    )
  })
})
