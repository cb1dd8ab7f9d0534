import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowFrame } from './frames.ts'
import { createRing } from './ring.ts'

const epoch = '5f0c1f6e-0000-4000-8000-000000000000'

function aFrame(position: number, payloadBytes = 10) {
  return rowFrame(epoch, {
    position,
    kind: 'client_event',
    user_id: 'u',
    device_session_id: null,
    event_type: 'game.paused',
    payload: { x: 'x'.repeat(Math.max(0, payloadBytes - 8)) },
    trace_id: null,
    created_at: new Date(0),
  })
}

/** What a stream reads that stands at `position`. */
function replay(ring: ReturnType<typeof createRing>, position: number): string[] {
  const cursors: string[] = []
  for (let at = position + 1; at <= ring.last(); at += 1) cursors.push(ring.get(at)?.cursor ?? 'missing')
  return cursors
}

describe('the ring', () => {
  it('replays from any place that it holds exactly what was added after it', () => {
    const sizes = fc.array(fc.integer({ min: 8, max: 4000 }), { maxLength: 60 })
    const limits = fc.record({ events: fc.integer({ min: 1, max: 20 }), bytes: fc.integer({ min: 600, max: 40_000 }) })
    fc.assert(
      fc.property(sizes, limits, fc.nat(1000), (payloads, limits, start) => {
        const ring = createRing(limits)
        ring.reset(start)
        payloads.forEach((size, index) => ring.add(aFrame(start + index + 1, size)))
        const all = payloads.map((_, index) => `${epoch}.${start + index + 1}`)
        expect(ring.last()).toBe(start + payloads.length)
        for (let at = ring.floor(); at <= ring.last(); at += 1) expect(replay(ring, at)).toEqual(all.slice(at - start))
      }),
    )
  })

  it('is never larger than its limits', () => {
    const ring = createRing({ events: 5, bytes: 10_000 })
    for (let position = 1; position <= 100; position += 1) {
      ring.add(aFrame(position, 3000))
      expect(ring.last() - ring.floor()).toBeLessThanOrEqual(3)
    }
    for (let position = 101; position <= 200; position += 1) ring.add(aFrame(position))
    expect(ring.last() - ring.floor()).toBe(5)
  })

  it('starts anew where it is told to', () => {
    const ring = createRing({ events: 5, bytes: 10_000 })
    ring.add(aFrame(1))
    ring.reset(40)
    ring.add(aFrame(41))
    expect([ring.floor(), ring.last(), ring.get(1), ring.get(41)?.cursor]).toEqual([40, 41, undefined, `${epoch}.41`])
  })
})
