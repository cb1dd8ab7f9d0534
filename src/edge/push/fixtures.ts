import { once } from 'node:events'
import { createServer, type ServerHttp2Session } from 'node:http2'
import { create } from '@bufbuild/protobuf'
import type { ConnectRouter } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import type { GatewayEvent } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import { Push, type PushEvent, PushEventSchema } from '../../gen/galaxy/push/v1/push_pb.ts'
import { silentLog } from '../../platform/log.ts'
import type { Cursor } from '../../platform/push-cursor.ts'
import { createHub, type HubOptions } from './hub.ts'
import type { EventSigner, PushedEvent } from './signed-events.ts'

export const epoch = '5f0c1f6e-0000-4000-8000-000000000000'
export const at = (position: number): Cursor => ({ epoch, position })
const now = new Date('2026-11-21T10:00:00Z')

/** A signer whose signatures tell how many it has made. */
export function countingSigner(): EventSigner & { signed: () => number } {
  let signed = 0
  return {
    signed: () => signed,
    signEvent: () => {
      signed += 1
      return { payloadHash: Uint8Array.of(signed), signature: Uint8Array.of(signed), keyId: 'key' }
    },
  }
}

export function anEvent(position: number, event: Partial<PushedEvent> = {}): PushedEvent {
  return {
    cursor: at(position),
    createdMs: 1000n + BigInt(position),
    userId: 'ada',
    deviceSessionId: undefined,
    eventType: 'game.paused',
    payload: new TextEncoder().encode(`{"n":${position}}`),
    traceId: '',
    ...event,
  }
}

/** A hub that is live at position 0. */
export function liveHub(options: Partial<HubOptions> = {}) {
  const hub = createHub({
    signer: countingSigner(),
    clock: { now: () => now },
    log: silentLog,
    sessionStatus: async () => 'active',
    random: () => 1,
    ...options,
  })
  hub.moveTo(at(0))
  hub.goLive()
  return hub
}

type OpenPart = { userId?: string; deviceSessionId?: string; resumeAfter?: string }

/** A client's end of a stream. */
export function openStream(hub: ReturnType<typeof createHub>, opening: OpenPart = {}) {
  const leaving = new AbortController()
  const defaults = { userId: 'ada', deviceSessionId: 'laptop', requestId: 'request', traceId: 'trace' }
  const stream = hub.open({ ...defaults, signal: leaving.signal, ...opening })
  const events = stream[Symbol.asyncIterator]()
  const next = async (): Promise<GatewayEvent> => {
    const { value, done } = await events.next()
    if (done) throw new Error('the stream has ended')
    return value
  }
  return {
    next,
    async take(count: number): Promise<GatewayEvent[]> {
      const seen: GatewayEvent[] = []
      while (seen.length < count) seen.push(await next())
      return seen
    },
    leave: () => leaving.abort(),
    /** The call is over. */
    finish: () => events.return?.(),
  }
}

export const payloadOf = ({ payloadBytes }: GatewayEvent): unknown => JSON.parse(new TextDecoder().decode(payloadBytes))

type Kind = PushEvent['kind']

export const eventKind = (userId: string, n: number): Kind =>
  create(PushEventSchema, {
    kind: {
      case: 'clientEvent',
      value: { userId, eventType: 'game.paused', payloadBytes: new TextEncoder().encode(`{"n":${n}}`) },
    },
  }).kind

export function frame(cursor: Cursor | string, kind: Kind): PushEvent {
  const text = typeof cursor === 'string' ? cursor : `${cursor.epoch}.${cursor.position}`
  return create(PushEventSchema, { cursor: text, createdMs: BigInt(now.getTime()), kind })
}

export const position = (cursor: Cursor, caughtUp: boolean): PushEvent =>
  frame(cursor, create(PushEventSchema, { kind: { case: 'position', value: { caughtUp } } }).kind)

export const gap = (cursor: Cursor): PushEvent =>
  frame(cursor, create(PushEventSchema, { kind: { case: 'gap', value: { reason: 'cursor_too_old' } } }).kind)

/** What a subscriber is sent; it reads on when `more` resolves. */
export type Script = (lastCursor: string, signal: AbortSignal) => AsyncIterable<PushEvent>

/** A real h2c server that answers `SubscribePush` by script, and can be stopped and started again. */
export async function startPushServer(script: Script) {
  const subscriptions: string[] = []
  const credentials: Array<string | null> = []
  const routes = (router: ConnectRouter) => {
    router.service(Push, {
      subscribePush: ({ lastCursor }, { signal, requestHeader }) => {
        subscriptions.push(lastCursor)
        credentials.push(requestHeader.get('authorization'))
        return script(lastCursor, signal)
      },
    })
  }
  let running = await listen(routes, 0)
  const { port } = running
  return {
    url: `http://127.0.0.1:${port}`,
    /** The cursors of all subscriptions so far. */
    subscriptions,
    credentials,
    stop: () => running.stop(),
    start: async () => {
      running = await listen(routes, port)
    },
    [Symbol.asyncDispose]: () => running.stop(),
  }
}

async function listen(routes: (router: ConnectRouter) => void, port: number) {
  const server = createServer(connectNodeAdapter({ routes }))
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  let stopped: Promise<unknown> | undefined
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    stop: async () => {
      stopped ??= new Promise((resolve) => {
        server.close(resolve)
        for (const session of sessions) session.destroy()
      })
      await stopped
    },
  }
}
