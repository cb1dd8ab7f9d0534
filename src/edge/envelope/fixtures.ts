import { createPrivateKey, hash, sign } from 'node:crypto'
import { signingVectors } from '../../../test/support/signing-vectors.ts'
import { requestSigningInput } from '../../signing/index.ts'
import type { SessionRecord } from '../backend/index.ts'
import { createAuthenticate } from './authenticate.ts'
import { createMemoryReplayStore } from './memory-replay-store.ts'
import type { Authenticate, SignedRequest } from './model.ts'
import type { Overload } from './overload.ts'
import type { ReplayStore } from './replay-store.ts'

const { device } = signingVectors.keys
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The device of the published vectors. */
const devicePrivateKey = createPrivateKey({
  key: Buffer.concat([pkcs8Prefix, device.seed]),
  format: 'der',
  type: 'pkcs8',
})
const devicePublicKey = Buffer.from(device.public_key).toString('base64')

export const procedure = '/galaxy.gateway.v1.EdgeGateway/ExecuteCommand'
const audience = 'galaxy'
export const windowMs = 60_000
export const noon = new Date('2026-03-01T12:00:00Z')
export const sessionId = '0f8fad5b-d9cb-469f-a165-70867728950e'
export const userId = '7d444840-9dc0-41d1-b245-5ffdce74fad2'

let requests = 0

/** Everything about a request but its signature. */
export function unsigned(fields: Partial<SignedRequest> = {}): SignedRequest {
  requests += 1
  const payloadBytes = fields.payloadBytes ?? Buffer.from('{}')
  return {
    protocolVersion: 'v1',
    deviceSessionId: sessionId,
    messageType: 'user.account.get',
    timestampMs: BigInt(noon.getTime()),
    requestId: `request-${requests}`.padEnd(16, '-'),
    payloadBytes,
    payloadHash: hash('sha256', payloadBytes, 'buffer'),
    signature: Buffer.alloc(64),
    traceId: '',
    ...fields,
  }
}

/** Signed as it is, right or wrong, by the device of the vectors. */
export function signed(request: SignedRequest, whatFor = { audience, procedure }): SignedRequest {
  return { ...request, signature: sign(null, requestSigningInput({ ...request, ...whatFor }), devicePrivateKey) }
}

/** A request with which nothing is wrong but what is named. */
export function aRequest(fields: Partial<SignedRequest> = {}): SignedRequest {
  return signed(unsigned(fields))
}

export type Gateway = {
  authenticate: (
    request: SignedRequest,
    options?: { procedure?: string; signal?: AbortSignal },
  ) => ReturnType<Authenticate>
  /** Ids that the backend has been asked for. */
  asked: string[]
}

export type GatewayState = {
  session?: Partial<SessionRecord>
  /** What there is at the backend; by default one active session, of the device of the vectors. */
  sessions?: (id: string) => SessionRecord | undefined
  replay?: Pick<ReplayStore, 'reserve'>
  overload?: Pick<Overload, 'admit'>
  now?: () => Date
  audience?: string
}

export function aSession(record: Partial<SessionRecord> = {}): SessionRecord {
  return { id: sessionId, user_id: userId, status: 'active', public_key: devicePublicKey, ...record }
}

/** The stages with a backend and a clock that do as they are told. */
export function aGateway(state: GatewayState = {}): Gateway {
  const asked: string[] = []
  const now = state.now ?? (() => noon)
  const sessions = state.sessions ?? ((id) => (id === sessionId ? aSession(state.session) : undefined))
  const anHourAgo = { now: () => new Date(noon.getTime() - 3_600_000) }
  const authenticate = createAuthenticate({
    backend: {
      session: async (id) => {
        asked.push(id)
        return sessions(id)
      },
    },
    replay: state.replay ?? createMemoryReplayStore({ clock: anHourAgo }),
    overload: state.overload ?? { admit: () => ({ [Symbol.dispose]: () => undefined }) },
    audience: state.audience ?? audience,
    freshnessWindowMs: windowMs,
    clock: { now },
  })
  const { signal } = new AbortController()
  return {
    asked,
    authenticate: (request, options = {}) =>
      authenticate(request, { procedure, clientIp: '192.0.2.1', signal, ...options }),
  }
}
