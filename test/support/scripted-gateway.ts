import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import { Code, ConnectError, type ConnectRouter, createRouterTransport, type HandlerContext } from '@connectrpc/connect'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import type { Fetch } from '../../src/client/index.ts'
import {
  EdgeGateway,
  type ExecuteCommandRequest,
  ExecuteCommandResponseSchema,
  GatewayEventSchema,
  type SubscribeEventsRequest,
} from '../../src/gen/galaxy/gateway/v1/gateway_pb.ts'
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.ts'
import {
  confirmSigningInput,
  eventSigningInput,
  requestSigningInput,
  responseSigningInput,
  spkiOf,
} from '../../src/signing/index.ts'

export type Caller = { deviceSessionId: string; requestId: string }
export type Answer = { resultCode?: string; payload: unknown }
type Response = MessageInitShape<typeof ExecuteCommandResponseSchema>
type Event = MessageInitShape<typeof GatewayEventSchema>

export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest()

/** An error as the gateway sends it. */
export function gatewayError(reason: string, code: Code, metadata: Record<string, string> = {}): ConnectError {
  const info = create(ErrorInfoSchema, { reason, domain: 'galaxy.edge', metadata })
  return new ConnectError(reason, code, undefined, [{ desc: ErrorInfoSchema, value: info }])
}

function newSigner() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const keyId = sha256(publicKey.export({ type: 'spki', format: 'der' }))
    .toString('hex')
    .slice(0, 16)
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid: keyId }, keyId }
}

/**
 * A gateway in memory that checks and signs for real, written apart from both the SDK and the edge. A test says what it
 * answers, and how it misbehaves.
 */
export function createScriptedGateway({ nowMs = () => Date.now(), audience = 'galaxy-test' } = {}) {
  let signer = newSigner()
  const published = [signer]
  const sessions = new Map<string, KeyObject>()
  const seen = new Set<string>()
  const challenges = new Map<string, string>()
  const events: { id: string; type: string; payload: unknown }[] = []
  /** Where a client stands that has seen nothing; unknown once events are forgotten. */
  let beginning = 'epoch:0'
  const streams = new Set<{ deliver: (event: Event) => void; end: (error?: Error) => void }>()

  const gateway = {
    audience,
    transport: createRouterTransport(routes),
    /** For a gateway on a port. */
    routes,
    fetch: answerPublic,
    sessions,
    /** Mail that was sent: the newest code for an address. */
    codes: challenges,
    /** What arrived and held, in order. */
    received: [] as { type: string; requestId: string; payload: unknown; timestampMs: number }[],
    /** Every subscription that held: what it wanted to resume after. */
    subscriptions: [] as (string | undefined)[],
    keyFetches: 0,
    confirmations: 0,
    /** What a command answers. */
    answer: (_type: string, _payload: unknown, _caller: Caller): Answer | Promise<Answer> => ({ payload: {} }),
    /** Called before anything is checked; may throw. */
    onRequest: async (_type: string): Promise<void> => undefined,
    /** Changes what leaves the gateway. */
    tamperResponse: (response: Response): Response => response,
    tamperEvent: (event: Event): Event => event,
    /** Before a public request is answered, or after (its answer is then lost); may throw. */
    beforePublic: (_path: string): void => undefined,
    afterPublic: (_path: string): void => undefined,
    /** The first event of a stream is held back. */
    silent: false,
    openStreams: () => streams.size,
    push: (type: string, payload: unknown) => {
      const event = { id: `epoch:${events.length + 1}`, type, payload }
      events.push(event)
      for (const { deliver } of streams) deliver(signedEvent(event))
    },
    /** A time event, as after 30 s. */
    tick: () => {
      for (const { deliver } of streams) deliver(timeEvent())
    },
    /** Forgets what was pushed, as after a long time. */
    forget: () => {
      beginning = 'gone'
      events.splice(0, events.length, { id: 'gone', type: 'gone', payload: {} })
    },
    cut: (error: Error = gatewayError('shutting_down', Code.Unavailable)) => {
      for (const { end } of streams) end(error)
    },
    endStreams: () => {
      for (const { end } of streams) end()
    },
    /** Signs with a new key, published or not. The old one stays published. */
    rotateKey: ({ publish = true } = {}) => {
      signer = newSigner()
      if (publish) published.push(signer)
    },
    sign: (response: Response, requestHash: Uint8Array): Response => signedResponse(response, requestHash),
    signEvent: (type: string, payload: unknown, id: string) => signedEvent({ id, type, payload }),
  }
  return gateway

  function routes(router: ConnectRouter): void {
    router.service(EdgeGateway, { executeCommand: execute, subscribeEvents: subscribe })
  }

  async function execute(request: ExecuteCommandRequest): Promise<Response> {
    await gateway.onRequest(request.messageType)
    const requestHash = check(request, 'ExecuteCommand')
    const payload: unknown = JSON.parse(Buffer.from(request.payloadBytes).toString())
    const { messageType: type, requestId, deviceSessionId } = request
    gateway.received.push({ type, requestId, payload, timestampMs: Number(request.timestampMs) })
    const { resultCode = 'ok', payload: answer } = await gateway.answer(type, payload, { deviceSessionId, requestId })
    const payloadBytes = Buffer.from(JSON.stringify(answer))
    const response = { protocolVersion: 'v1', requestId, timestampMs: BigInt(nowMs()), resultCode, payloadBytes }
    return gateway.tamperResponse(signedResponse(response, requestHash))
  }

  function signedResponse(response: Response, requestHash: Uint8Array): Response {
    const { requestId = '', timestampMs = 0n, resultCode = '', payloadBytes = new Uint8Array() } = response
    const { keyId, privateKey } = signer
    const payloadHash = sha256(payloadBytes)
    const input = responseSigningInput({ keyId, requestId, requestHash, timestampMs, resultCode, payloadHash })
    return { ...response, payloadHash, keyId, signature: signBytes(null, input, privateKey) }
  }

  async function* subscribe(request: SubscribeEventsRequest, context: HandlerContext): AsyncGenerator<Event> {
    await gateway.onRequest('gateway.subscribe')
    check(request, 'SubscribeEvents')
    const after = request.resumeAfter === '' ? undefined : request.resumeAfter
    const signed: unknown = JSON.parse(Buffer.from(request.payloadBytes).toString())
    if (JSON.stringify(signed) !== JSON.stringify(after === undefined ? {} : { resume_after: after })) {
      throw gatewayError('invalid_envelope', Code.InvalidArgument)
    }
    gateway.subscriptions.push(after)
    const queue: Event[] = []
    let wake = () => {}
    let ended: { error: Error | undefined } | undefined
    const stream = {
      deliver: (event: Event) => {
        queue.push(gateway.tamperEvent(event))
        wake()
      },
      end: (error?: Error) => {
        streams.delete(stream)
        ended = { error }
        wake()
      },
    }
    streams.add(stream)
    context.signal.addEventListener('abort', () => stream.end())
    const place = after === undefined ? events.length : placeOf(after)
    const resumed = after === undefined ? {} : { resumed: place !== undefined }
    if (!gateway.silent) queue.push(gateway.tamperEvent(timeEvent(resumed, place)))
    for (const event of events.slice(place ?? events.length)) stream.deliver(signedEvent(event))
    try {
      for (;;) {
        const event = queue.shift()
        if (event) yield event
        else if (ended) break
        else await new Promise<void>((resolve) => (wake = resolve))
      }
      if (ended.error) throw ended.error
    } finally {
      streams.delete(stream)
    }
  }

  /** How many events somebody has seen who comes back after this id; undefined when that is not known any more. */
  function placeOf(eventId: string): number | undefined {
    const id = eventId.replace(/^time-[0-9]+-/, '')
    if (id === beginning) return 0
    const index = events.findIndex((event) => event.id === id)
    return index < 0 ? undefined : index + 1
  }

  function timeEvent(more: object = {}, place = events.length): Event {
    const payload = { server_time_ms: nowMs(), ...more }
    const seen = events[place - 1]?.id ?? beginning
    return signedEvent({ id: `time-${nowMs()}-${seen}`, type: 'gateway.server_time', payload })
  }

  function signedEvent({ id: eventId, type: eventType, payload }: (typeof events)[number]): Event {
    const { keyId, privateKey } = signer
    const timestampMs = BigInt(nowMs())
    const payloadBytes = Buffer.from(JSON.stringify(payload))
    const payloadHash = sha256(payloadBytes)
    const input = eventSigningInput({ keyId, eventType, eventId, timestampMs, payloadHash })
    const signature = signBytes(null, input, privateKey)
    return { eventType, eventId, timestampMs, payloadBytes, payloadHash, keyId, signature }
  }

  /** The stages that a client can trip over. @returns the hash of what was signed */
  function check(request: ExecuteCommandRequest | SubscribeEventsRequest, procedure: string): Uint8Array {
    const { protocolVersion, deviceSessionId, requestId, messageType, timestampMs, payloadHash } = request
    if (!/^[\w-]{16,64}$/.test(requestId)) throw gatewayError('invalid_envelope', Code.InvalidArgument)
    const key = sessions.get(deviceSessionId)
    if (!key) throw gatewayError('unknown_session', Code.Unauthenticated)
    if (!sha256(request.payloadBytes).equals(payloadHash)) {
      throw gatewayError('payload_hash_mismatch', Code.InvalidArgument)
    }
    const input = requestSigningInput({
      audience,
      procedure: `/galaxy.gateway.v1.EdgeGateway/${procedure}`,
      protocolVersion,
      deviceSessionId,
      requestId,
      messageType,
      timestampMs,
      payloadHash,
    })
    if (!verifyBytes(null, input, key, request.signature)) {
      throw gatewayError('invalid_signature', Code.Unauthenticated)
    }
    const lateMs = nowMs() - Number(timestampMs)
    const time = { server_time_ms: String(nowMs()) }
    if (lateMs > 60_000) throw gatewayError('stale_request', Code.FailedPrecondition, time)
    if (lateMs < -60_000) throw gatewayError('request_from_future', Code.FailedPrecondition, time)
    if (seen.has(requestId)) throw gatewayError('replayed_request', Code.AlreadyExists)
    seen.add(requestId)
    return sha256(input)
  }

  async function answerPublic(url: string, { body = '{}' }: Parameters<Fetch>[1]) {
    const path = new URL(url).pathname.replace('/api/v1/public', '')
    gateway.beforePublic(path)
    const { status, json } = publicAnswer(path, JSON.parse(body))
    gateway.afterPublic(path)
    return { status, text: async () => JSON.stringify(json) }
  }

  function publicAnswer(path: string, body: Record<string, string>): { status: number; json: unknown } {
    switch (path) {
      case '/keys':
        gateway.keyFetches += 1
        return { status: 200, json: { keys: published.map(({ jwk }) => jwk), audience, server_time_ms: nowMs() } }
      case '/auth/send-email-code':
        challenges.set(body['email'] ?? '', '12345678')
        return { status: 200, json: { challenge_id: randomUUID() } }
      case '/auth/confirm-email-code':
        return confirm(body)
      default:
        return { status: 404, json: { status: 404, code: 'not_found', detail: path } }
    }
  }

  function confirm(body: Record<string, string>) {
    const raw = Buffer.from(body['client_public_key'] ?? '', 'base64')
    const key = createPublicKey({ key: Buffer.from(spkiOf(raw)), format: 'der', type: 'spki' })
    const { challenge_id: challengeId = '', code = '' } = body
    const input = confirmSigningInput({ audience, challengeId, codeHash: sha256(code), clientPublicKey: raw })
    if (!verifyBytes(null, input, key, Buffer.from(body['proof'] ?? '', 'base64'))) {
      return { status: 400, json: { status: 400, code: 'invalid_proof', detail: 'The proof does not hold.' } }
    }
    if (code !== '12345678') {
      return { status: 400, json: { status: 400, code: 'invalid_or_expired_code', detail: 'Wrong or too old.' } }
    }
    gateway.confirmations += 1
    // The same challenge and key: the same session.
    const id = `session-${sha256(`${challengeId}${raw.toString('hex')}`)
      .toString('hex')
      .slice(0, 20)}`
    sessions.set(id, key)
    return { status: 200, json: { device_session_id: id } }
  }
}

export type ScriptedGateway = ReturnType<typeof createScriptedGateway>
