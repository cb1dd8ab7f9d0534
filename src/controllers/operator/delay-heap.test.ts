import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDelayHeap } from './delay-heap.ts'

const adds = fc.array(fc.record({ key: fc.integer({ min: 0, max: 9 }), dueAtMs: fc.integer({ min: 0, max: 20 }) }))

describe('a delay heap', () => {
  it('hands out every key once, at its earliest time, in order', () => {
    fc.assert(
      fc.property(adds, (entries) => {
        const heap = createDelayHeap<number>()
        const earliest = new Map<number, number>()
        for (const { key, dueAtMs } of entries) {
          heap.add(key, dueAtMs)
          earliest.set(key, Math.min(dueAtMs, earliest.get(key) ?? Number.POSITIVE_INFINITY))
        }
        expect(heap.size()).toBe(earliest.size)
        for (let nowMs = 0; nowMs <= 20; nowMs += 1) {
          const next = heap.nextAtMs()
          expect(next).toBe(earliest.size > 0 ? Math.min(...earliest.values()) : undefined)
          const due = heap.takeDue(nowMs)
          expect(new Set(due)).toEqual(new Set([...earliest].filter(([, at]) => at <= nowMs).map(([key]) => key)))
          due.forEach((key) => earliest.delete(key))
        }
        expect(heap.size()).toBe(0)
      }),
    )
  })

  it('hands out equal times in the order in which they were added', () => {
    const heap = createDelayHeap<string>()
    for (const key of ['c', 'a', 'b']) heap.add(key, 5)
    heap.add('first', 4)
    expect(heap.takeDue(5)).toEqual(['first', 'c', 'a', 'b'])
  })

  it('takes a key that was handed out again', () => {
    const heap = createDelayHeap<string>()
    heap.add('a', 9)
    heap.add('a', 3)
    expect(heap.takeDue(3)).toEqual(['a'])
    heap.add('a', 7)
    expect(heap.takeDue(8)).toEqual(['a'])
    expect(heap.takeDue(99)).toEqual([])
  })
})
