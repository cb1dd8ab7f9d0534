import { expect, it } from 'vitest'
import { createObjectCache } from './cache.ts'
import { type Widget, widget } from './fake-api.ts'
import { keyOf } from './objects.ts'
import { resync } from './resync.ts'

/** Lets `ms` go by; returns what was told of, each time with the moment. */
async function resyncOf(names: readonly string[], everyMs: number, ms: number) {
  const cache = createObjectCache<Widget>(() => undefined)
  names.forEach((name, index) => cache.put(widget(name, index + 1)))
  const told: { name: string; atMs: number }[] = []
  const end = new AbortController()
  let now = 0
  await resync({
    cache,
    everyMs,
    tell: ({ name }) => told.push({ name, atMs: Math.round(now) }),
    signal: end.signal,
    sleep: async (forMs) => {
      now += forMs
      if (now > ms + 1) end.abort()
    },
  })
  return told
}

it('comes round to every object once in its time, and again in the next', async () => {
  const names = Array.from({ length: 250 }, (_, index) => `w${index}`)
  const told = await resyncOf(names, 1000, 2000)
  expect(told.map(({ name }) => name)).toEqual([...names, ...names])
})

it('is spread evenly over its time', async () => {
  const names = Array.from({ length: 1000 }, (_, index) => `w${index}`)
  const told = await resyncOf(names, 60_000, 60_000)
  const moments = Map.groupBy(told, ({ atMs }) => atMs)
  expect([...moments.values()].map((each) => each.length)).toEqual(Array.from({ length: 100 }, () => 10))
})

it('tells of a single object once a round', async () => {
  expect(await resyncOf(['a'], 1000, 3000)).toHaveLength(3)
})

it('tells nothing of what has gone meanwhile', async () => {
  const cache = createObjectCache<Widget>(() => undefined)
  const gone = widget('gone', 1)
  cache.put(gone)
  cache.put(widget('here', 2))
  const told: string[] = []
  const end = new AbortController()
  await resync({
    cache,
    everyMs: 1000,
    tell: ({ name }) => {
      told.push(name)
      end.abort()
    },
    signal: end.signal,
    sleep: async () => cache.remove(keyOf(gone), gone.metadata.uid, '3'),
  })
  expect(told).toEqual(['here'])
})
