import type { HubEvent } from './signed-events.ts'

export type StreamQueue = ReturnType<typeof createStreamQueue>

/** The events that wait for one client; bounded, and empty once it has ended. */
export function createStreamQueue(limits: { events: number; bytes: number }) {
  let events: HubEvent[] = []
  let bytes = 0
  let ended = false
  let why: Error | undefined
  let wake: ((woken: boolean) => void) | undefined

  return {
    isEmpty: () => events.length === 0,
    hasEnded: () => ended,

    /** False when the event does not fit. */
    add(event: HubEvent): boolean {
      if (events.length >= limits.events || bytes + event.bytes > limits.bytes) return false
      events.push(event)
      bytes += event.bytes
      wake?.(true)
      return true
    },

    /** Nothing more comes out. Only the first end counts; one without an error is the client's own. */
    end(error?: Error): void {
      if (ended) return
      ended = true
      why = error
      events = []
      bytes = 0
      wake?.(true)
    },

    /** The next event, if there is one. Throws what it ended with. */
    take(): HubEvent | undefined {
      if (why) throw why
      const event = events.shift()
      if (event) bytes -= event.bytes
      return event
    },

    /** Resolves true when there is something to take or an end, false when `ms` pass first. For one reader. */
    wait(ms: number): Promise<boolean> {
      if (ended || events.length > 0) return Promise.resolve(true)
      return new Promise((resolve) => {
        wake = (woken) => {
          clearTimeout(timer)
          wake = undefined
          resolve(woken)
        }
        const timer = setTimeout(() => wake?.(false), ms)
      })
    },
  }
}
