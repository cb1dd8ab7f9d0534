import { Code, createClient } from '@connectrpc/connect'
import { EdgeGateway, type GatewayEvent } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
import { subscribeMessageType } from '../messages/index.ts'
import { type GatewayTime, jitteredMs } from './clock.ts'
import { seal } from './envelope.ts'
import { GatewayRefused, SignedOut } from './errors.ts'
import type { Gateway } from './gateway.ts'
import { type KnownEvent, openEvent, type UnknownEvent } from './open-event.ts'
import { isClockTrouble, refusalOf } from './refusal.ts'
import { untilSilent } from './silence.ts'

type Told = { id: string; timestampMs: number }

/**
 * What a stream of events brings: the events of the catalogue, and what the client itself has to tell.
 * - `client.resync`: events may have been missed. Fetch again what you show.
 * - `client.disconnected`: the stream broke and will be opened again; the next `gateway.server_time` says that it is.
 */
export type ClientEvent =
  | KnownEvent
  | UnknownEvent
  | (Told & { type: 'client.resync'; payload: Record<string, never> })
  | (Told & { type: 'client.disconnected'; payload: { reason: string; retryInMs: number } })

export type EventsOptions = {
  /** Ends the stream without an error. */
  signal?: AbortSignal
  /** The id of the last event that was seen, to be told those after it. */
  resumeAfter?: string
}

/** The gateway sends something every 30 s: two in a row may get lost. */
const silenceLimitMs = 75_000

/** Refusals that no second attempt changes. */
const final: ReadonlySet<Code> = new Set([
  Code.InvalidArgument,
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.Unimplemented,
])

/** How far a subscription has come. */
type Progress = { lastSeen: string | undefined; failures: number }

/**
 * The events pushed to this device's user. A stream that breaks is opened again, after the last event that was seen.
 * @throws SignedOut when the session is over, GatewayUntrusted when an event was not signed by the gateway, GatewayRefused
 *   when the gateway will never accept the subscription
 */
export function createEvents(deps: Gateway) {
  const { clock, time } = deps
  return async function* events({ signal, resumeAfter }: EventsOptions = {}): AsyncGenerator<ClientEvent, void> {
    const progress: Progress = { lastSeen: resumeAfter, failures: 0 }
    for (;;) {
      let reason = 'the stream ended'
      try {
        yield* heard(deps, progress, signal)
      } catch (error) {
        if (signal?.aborted) return
        if (!(error instanceof GatewayRefused) || isFinal(error)) throw error
        if (isClockTrouble(error) && error.serverTimeMs !== undefined) time.learn(error.serverTimeMs)
        reason = error.message
      }
      if (signal?.aborted) return
      progress.failures += 1
      const retryInMs = jitteredMs(progress.failures, clock, 500, 30_000)
      yield { ...toldNow(time), type: 'client.disconnected', payload: { reason, retryInMs } }
      await clock.sleep(retryInMs, signal)
      if (signal?.aborted) return
    }
  }
}

/** What one stream brings; also whether anything may have been missed before it. */
async function* heard(deps: Gateway, progress: Progress, signal: AbortSignal | undefined): AsyncGenerator<ClientEvent> {
  for await (const event of connection(deps, progress.lastSeen, signal)) {
    progress.failures = 0
    // The time can be resumed after, too: its id says where the stream stood.
    progress.lastSeen = event.id
    if (event.type === 'gateway.server_time') deps.time.learn(event.payload.server_time_ms)
    yield event
    if (event.type === 'gateway.server_time' && event.payload.resumed === false)
      yield { ...toldNow(deps.time), type: 'client.resync', payload: {} }
  }
}

function toldNow(time: GatewayTime): Told {
  return { id: '', timestampMs: time.nowMs() }
}

function isFinal(error: GatewayRefused): boolean {
  if (error instanceof SignedOut || error.code === 'unsupported_protocol_version') return true
  return error.code !== 'unreachable' && final.has(error.connectCode)
}

/** One stream, from its opening to its end. */
async function* connection(deps: Gateway, resumeAfter: string | undefined, signal: AbortSignal | undefined) {
  const { transport, keys, clock, time, identity } = deps
  const ended = new AbortController()
  const either = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal
  try {
    const signer = { ...identity.signedIn(), audience: await keys.audience(), nowMs: time.nowMs() }
    const { envelope } = await seal(signer, {
      procedure: '/galaxy.gateway.v1.EdgeGateway/SubscribeEvents',
      messageType: subscribeMessageType,
      payload: resumeAfter === undefined ? {} : { resume_after: resumeAfter },
    })
    const stream = createClient(EdgeGateway, transport).subscribeEvents(
      { ...envelope, ...(resumeAfter === undefined ? {} : { resumeAfter }) },
      // The stream has no deadline: silence ends it.
      { timeoutMs: 0, signal: either },
    )
    for await (const event of untilSilent<GatewayEvent>(stream, { limitMs: silenceLimitMs, clock, signal: either })) {
      yield await openEvent(event, keys)
    }
  } catch (error) {
    throw identity.heard(refusalOf(error))
  } finally {
    ended.abort()
  }
}
