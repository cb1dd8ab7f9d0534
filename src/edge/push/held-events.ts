import { type Cursor, readCursor } from '../../platform/push-cursor.ts'
import { eventIdCursor, type HubEvent } from './signed-events.ts'

export type HeldEvents = ReturnType<typeof createHeldEvents>

/** The newest events of all users, kept for clients that come back, whether or not somebody was here to read them. */
export function createHeldEvents(limits: { events: number; bytes: number }) {
  let events: HubEvent[] = []
  let bytes = 0
  let last: Cursor | undefined
  /** Every event after this position, up to `last`, is held. */
  let floor = 0

  function startAt(cursor: Cursor): void {
    events = []
    bytes = 0
    floor = cursor.position
  }

  function dropOldest(): void {
    const dropped = events.shift()
    if (!dropped) return
    bytes -= dropped.bytes
    floor = dropped.cursor.position
  }

  return {
    last: () => last,

    /** Push stands here now, having told of everything in between. */
    moveTo(cursor: Cursor): void {
      if (cursor.epoch !== last?.epoch || cursor.position < last.position) startAt(cursor)
      last = cursor
    },

    /** Push stands at this event now. */
    add(event: HubEvent): void {
      const { cursor } = event
      if (cursor.epoch !== last?.epoch || cursor.position <= last.position)
        startAt({ ...cursor, position: cursor.position - 1 })
      last = cursor
      events.push(event)
      bytes += event.bytes
      while (events.length > limits.events || bytes > limits.bytes) dropOldest()
    },

    /** Events before now are no longer known to be complete. */
    forget(): void {
      last = undefined
      events = []
      bytes = 0
    },

    /**
     * Where the client that last saw `eventId` goes on, and the events it has missed. Undefined when some of these may
     * be gone.
     */
    after(eventId: string, wants: (event: HubEvent) => boolean): { from: Cursor; missed: HubEvent[] } | undefined {
      const from = readCursor(eventIdCursor(eventId))
      if (!from || from.epoch !== last?.epoch || from.position > last.position || from.position < floor)
        return undefined
      return { from, missed: events.filter((event) => event.cursor.position > from.position && wants(event)) }
    },
  }
}
