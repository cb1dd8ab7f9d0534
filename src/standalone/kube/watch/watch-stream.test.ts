import { describe, expect, it, vi } from 'vitest'
import { storedAs } from '../store/index.ts'
import type { WatchEvent } from './events.ts'
import { type Sink, WatchStream } from './watch-stream.ts'

const events = (...versions: number[]): WatchEvent[] =>
  versions.map((version) => ({ type: 'ADDED', stored: storedAs({ kind: 'k', namespace: '', name: 'a' }, version, {}) }))
const encode = (event: WatchEvent) => (event.type === 'BOOKMARK' ? 'b' : `${event.stored.version} `)

/** A reader that can be made to stop reading. */
function reader() {
  const state = { text: '', keepsUp: true, drain: () => undefined as void, ended: false, destroyed: false }
  const sink: Sink = {
    write: (text) => {
      state.text += text
      return state.keepsUp
    },
    onDrain: (listener) => {
      state.drain = listener
    },
    end: () => {
      state.ended = true
    },
    destroy: () => {
      state.destroyed = true
    },
  }
  return { state, sink }
}

describe('writing to a watcher', () => {
  it('waits for a slow reader and loses nothing', () => {
    const { state, sink } = reader()
    const stream = new WatchStream(sink, encode)
    state.keepsUp = false
    stream.begin(events(1, 2))
    stream.push(events(3))
    stream.push(events(4))
    expect(state.text).toBe('1 2 ')
    state.keepsUp = true
    state.drain()
    expect(state.text).toBe('1 2 3 4 ')
    stream.closed()
  })

  it('cuts a reader that falls too far behind', () => {
    const { state, sink } = reader()
    const stream = new WatchStream(sink, encode, { queued: 3, stalledMs: 1000, batch: 1 })
    state.keepsUp = false
    stream.begin(events(1, 2, 3, 4, 5, 6))
    expect(state.destroyed).toBe(false)
    stream.push(events(7, 8, 9, 10, 11))
    expect(state.destroyed).toBe(true)
  })

  it('cuts a reader that has stopped reading', () => {
    vi.useFakeTimers()
    const { state, sink } = reader()
    const stream = new WatchStream(sink, encode, { queued: 3, stalledMs: 1000, batch: 1 })
    state.keepsUp = false
    stream.begin(events(1))
    vi.advanceTimersByTime(999)
    expect(state.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(state.destroyed).toBe(true)
    vi.useRealTimers()
  })

  it('ends only after everything is written', () => {
    const { state, sink } = reader()
    const stream = new WatchStream(sink, encode, { queued: 30, stalledMs: 1000, batch: 1 })
    state.keepsUp = false
    stream.begin(events(1, 2))
    stream.end('bye')
    stream.push(events(3))
    expect(state.ended).toBe(false)
    state.keepsUp = true
    state.drain()
    expect(state.text).toBe('1 2 bye')
    expect(state.ended).toBe(true)
  })
})
