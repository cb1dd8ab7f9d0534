import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { Code, createClient, createRouterTransport } from '@connectrpc/connect'
import { describe, expect, it } from 'vitest'
import { EdgeGateway, type GatewayEvent, SubscribeEventsRequestSchema } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import { Refusal } from '../../platform/errors.ts'
import { answerConnectErrors } from '../../platform/rpc.ts'
import type { Authenticate } from '../envelope/index.ts'
import { anEvent, epoch, liveHub, payloadOf } from './fixtures.ts'
import { subscribeEvents } from './subscribe-events.ts'

type Request = MessageInitShape<typeof SubscribeEventsRequestSchema>

/** A gateway in which whoever names a session of Ada's is Ada. */
function aGateway() {
  const hub = liveHub()
  const procedures: string[] = []
  const authenticate: Authenticate = async ({ deviceSessionId, requestId, traceId }, { procedure }) => {
    procedures.push(procedure)
    if (deviceSessionId !== 'laptop') throw new Refusal('unauthenticated', 'unknown_session', 'Who?')
    return { userId: 'ada', deviceSessionId, requestId, traceId, requestHash: new Uint8Array(32) }
  }
  const interceptors = [answerConnectErrors({ domain: 'galaxy.edge', onBug: () => undefined })]
  const transport = createRouterTransport(
    ({ rpc }) => void rpc(EdgeGateway.method.subscribeEvents, subscribeEvents({ hub, authenticate })),
    { router: { interceptors } },
  )
  const client = createClient(EdgeGateway, transport)
  const open = (request: Request, signal?: AbortSignal) => {
    const events = client.subscribeEvents(request, signal ? { signal } : {})
    return events[Symbol.asyncIterator]()
  }
  return { hub, procedures, open }
}

function aRequest(payload: string, resumeAfter = '', request: Request = {}) {
  return create(SubscribeEventsRequestSchema, {
    deviceSessionId: 'laptop',
    messageType: 'gateway.subscribe',
    requestId: 'request',
    payloadBytes: new TextEncoder().encode(payload),
    resumeAfter,
    ...request,
  })
}

async function take(events: AsyncIterator<GatewayEvent>, count: number): Promise<GatewayEvent[]> {
  const seen: GatewayEvent[] = []
  while (seen.length < count) {
    const { value, done } = await events.next()
    if (done) return seen
    seen.push(value)
  }
  return seen
}

describe('SubscribeEvents', () => {
  it('streams the events of whoever signed the request', async () => {
    const { hub, procedures, open } = aGateway()
    const events = open(aRequest('{}'))
    expect(await take(events, 1)).toMatchObject([{ eventType: 'gateway.server_time', requestId: 'request' }])
    hub.publish(anEvent(1))
    hub.publish(anEvent(2, { userId: 'bob' }))
    hub.publish(anEvent(3))
    expect((await take(events, 2)).map(payloadOf)).toEqual([{ n: 1 }, { n: 3 }])
    expect(procedures).toEqual(['/galaxy.gateway.v1.EdgeGateway/SubscribeEvents'])
  })

  it('goes on after the place that is signed', async () => {
    const { hub, open } = aGateway()
    hub.publish(anEvent(1))
    hub.publish(anEvent(2))
    const place = `${epoch}.1`
    const events = await take(open(aRequest(JSON.stringify({ resume_after: place }), place)), 2)
    expect(events.map(payloadOf)).toEqual([expect.objectContaining({ resumed: true }), { n: 2 }])
  })

  it.each([
    { what: 'a place that is not signed', request: aRequest('{}', `${epoch}.1`) },
    { what: 'a signed place that is not named', request: aRequest('{"resume_after":"x"}') },
    { what: 'two places', request: aRequest('{"resume_after":"x"}', 'y') },
    { what: 'an empty place', request: aRequest('{"resume_after":""}') },
    { what: 'a place that is too long', request: aRequest(`{"resume_after":"${'x'.repeat(129)}"}`, 'x'.repeat(129)) },
    { what: 'a payload with more in it', request: aRequest('{"more":1}') },
    { what: 'a payload that is no object', request: aRequest('[]') },
    { what: 'a payload that is no JSON', request: aRequest('{') },
    { what: 'no payload', request: aRequest('') },
    { what: 'a payload that is not UTF-8', request: aRequest('', '', { payloadBytes: Uint8Array.of(0xff) }) },
    { what: 'another message type', request: aRequest('{}', '', { messageType: 'user.account.get' }) },
  ])('refuses $what before anything is looked up', async ({ request }) => {
    const { procedures, open } = aGateway()
    await expect(take(open(request), 1)).rejects.toMatchObject({ code: Code.InvalidArgument })
    expect(procedures).toEqual([])
  })

  it('opens no stream for a request that is not genuine', async () => {
    const { open } = aGateway()
    const request = aRequest('{}', '', { deviceSessionId: 'forged' })
    await expect(take(open(request), 1)).rejects.toMatchObject({ code: Code.Unauthenticated })
  })

  it('ends as FAILED_PRECONDITION when the session is revoked, as UNAVAILABLE at shutdown (G59, G60)', async () => {
    const { hub, open } = aGateway()
    const revoked = open(aRequest('{}'))
    await take(revoked, 1)
    hub.revokeAllForUser('ada')
    await expect(take(revoked, 1)).rejects.toMatchObject({ code: Code.FailedPrecondition })
    const left = open(aRequest('{}'))
    await take(left, 1)
    hub.close()
    await expect(take(left, 1)).rejects.toMatchObject({ code: Code.Unavailable })
  })

  it('makes room when the client goes', async () => {
    const { open } = aGateway()
    for (let n = 0; n < 20; n += 1) {
      const leaving = new AbortController()
      await take(open(aRequest('{}'), leaving.signal), 1)
      leaving.abort()
    }
    expect(await take(open(aRequest('{}')), 1)).toHaveLength(1)
  })
})
