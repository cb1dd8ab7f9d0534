import { backoffMs } from '../backoff.ts'
import { type Clock, sleep } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { createResourceClient } from './client.ts'
import type { KubeConfig } from './config.ts'
import { failedWith, KubernetesError } from './errors.ts'
import { eventKind, eventNamespace, eventObject, type EventText, type Occurrence, repetition } from './event-object.ts'
import type { KubernetesObject } from './objects.ts'
import { createTokenBuckets, forgetOldest } from './token-bucket.ts'

/**
 * Tells people what happened to an object (`kubectl describe`). Best effort: never throws, never waits. The same event
 * again raises the count of the first one. What is too much (per object, or while the API is away) is dropped.
 */
export type EventRecorder = AsyncDisposable & {
  record: (involved: KubernetesObject, event: EventText) => void
}

export type EventRecorderOptions = {
  config: KubeConfig
  /** Who tells it: `galaxy-controller`. */
  component: string
  /** Which replica of it. */
  instance: string
  clock: Clock
  log: Log
  /**
   * Reasons that objects give again and again for as long as they live: one Event each, with a count and the newest
   * message, written at once the first time and then once in `seriesMs` at most.
   */
  seriesReasons?: readonly string[]
  seriesMs?: number
}

/** Deep enough for a pass over a thousand objects while the API server restarts. */
const maxPending = 1000
/** More than client-go remembers: an Event of each of ten thousand games is raised once a minute. */
const maxKnown = 32_768
/**
 * client-go lets 25 pass and then one each five minutes, which would hide the turns of a quick game. A turn each 5 s
 * passes for ever here, and a loop that fails ten times a second is cut to one each 4 s.
 */
const limits = { burst: 50, refillMs: 4000, maxKeys: 4096 }
const attempts = 4
const writeDeadlineMs = 5000
const flushDeadlineMs = 2000

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { config, component, instance, clock, log, seriesReasons = [], seriesMs = 60_000 } = options
  const client = createResourceClient(config, eventKind, { deadlineMs: writeDeadlineMs })
  const fieldManager = component
  /** In the order of their first occurrence; a repetition before it is written only raises its count. */
  const pending = new Map<string, Occurrence>()
  /** Events written before, ordered by use. */
  const known = new Map<string, { name: string; count: number }>()
  /** Series that were written lately, with what has been told since. */
  const series = new Map<string, { held: Occurrence | undefined; timer: NodeJS.Timeout }>()
  const mayPass = createTokenBuckets(limits)
  const end = new AbortController()
  let writing: Promise<void> | undefined
  let dropped = 0
  let created = 0
  let closed = false

  function record(involved: KubernetesObject, event: EventText): void {
    if (closed) return drop()
    const now = clock.now()
    const occurrence = { involved, event, count: 1, firstAt: now, lastAt: now }
    const about = [involved.kind, involved.metadata.uid, event.type, event.reason]
    if (!seriesReasons.includes(event.reason)) return put(JSON.stringify([...about, event.message]), occurrence)
    const key = JSON.stringify(about)
    const lately = series.get(key)
    if (lately) lately.held = joined(lately.held, occurrence)
    else startSeries(key, occurrence)
  }

  function startSeries(key: string, occurrence: Occurrence): void {
    put(key, occurrence)
    const timer = setTimeout(() => {
      const held = series.get(key)?.held
      series.delete(key)
      if (held) startSeries(key, held)
    }, seriesMs)
    timer.unref()
    series.set(key, { held: undefined, timer })
  }

  function put(key: string, occurrence: Occurrence): void {
    const { involved, event, lastAt } = occurrence
    // Warnings have a bucket of their own: they must show even where turns use up all of the other one.
    if (!mayPass(`${involved.metadata.uid}/${event.type}`, lastAt.getTime())) return drop()
    const before = pending.get(key)
    if (!before && pending.size >= maxPending) return drop()
    pending.set(key, joined(before, occurrence))
    writing ??= writeAll()
  }

  function drop(): void {
    dropped += 1
    if (dropped % 100 === 1) log.debug({ dropped }, 'too many events; some are not told')
  }

  async function writeAll(): Promise<void> {
    for (let next = pending.entries().next(); !next.done; next = pending.entries().next()) {
      const [key, occurrence] = next.value
      pending.delete(key)
      await writeWithRetries(key, occurrence)
    }
    // Here, in the same step as the last look at `pending`, or what comes in between would wait for the next one.
    writing = undefined
  }

  async function writeWithRetries(key: string, occurrence: Occurrence): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await write(key, occurrence)
      } catch (error) {
        if (failures === attempts || !isPassing(error) || end.signal.aborted) {
          log.debug({ problem: messageOf(error), reason: occurrence.event.reason }, 'an event could not be told')
          return
        }
        await sleep(backoffMs(failures, { baseMs: 500, maxMs: 8000 }), end.signal)
      }
    }
  }

  async function write(key: string, occurrence: Occurrence): Promise<void> {
    const namespace = eventNamespace(occurrence.involved)
    const before = known.get(key)
    const count = (before?.count ?? 0) + occurrence.count
    const raised = before && (await raise(namespace, before.name, count, occurrence))
    const { metadata } = raised ?? (await create(namespace, { ...occurrence, count }))
    known.delete(key)
    known.set(key, { name: metadata.name, count })
    forgetOldest(known, maxKnown)
  }

  function create(namespace: string, occurrence: Occurrence) {
    created += 1
    const source = { component, instance, sequence: created }
    return client.create(eventObject(occurrence, source), { namespace, fieldManager })
  }

  /** Undefined when the Event is gone by now: they last an hour. */
  async function raise(namespace: string, name: string, count: number, occurrence: Occurrence) {
    try {
      return await client.patch({ namespace, name }, repetition(count, occurrence), { fieldManager })
    } catch (error) {
      if (failedWith(error, 'NotFound')) return undefined
      throw error
    }
  }

  return {
    record,
    [Symbol.asyncDispose]: async () => {
      closed = true
      for (const [key, { held, timer }] of series) {
        clearTimeout(timer)
        if (held) put(key, held)
      }
      const flushed = new AbortController()
      await Promise.race([writing, sleep(flushDeadlineMs, flushed.signal)])
      flushed.abort()
      pending.clear()
      end.abort()
    },
  }
}

/** Both as one: what was told first, how often, and what was told last. */
function joined(before: Occurrence | undefined, after: Occurrence): Occurrence {
  if (!before) return after
  return { ...after, firstAt: before.firstAt, count: before.count + after.count }
}

/** Worth another attempt: no answer, or an overloaded server. */
function isPassing(error: unknown): boolean {
  return error instanceof KubernetesError && (error.status === 0 || error.status === 429 || error.status >= 500)
}
