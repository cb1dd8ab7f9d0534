import { hash } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import { requestSigningInput } from '../../signing/index.ts'
import { type BackendClient, newTraceId } from '../backend/index.ts'
import { createDeviceKeys } from './device-keys.ts'
import { checkFields } from './fields.ts'
import { checkFreshness } from './freshness.ts'
import type { Authenticate } from './model.ts'
import type { Overload } from './overload.ts'
import { checkPayloadHash } from './payload-hash.ts'
import { checkProtocolVersion } from './protocol-version.ts'
import type { ReplayStore } from './replay-store.ts'
import { reserveRequest } from './replay.ts'
import { activeSession } from './session.ts'
import { checkSignature } from './signature.ts'

export type AuthenticateDeps = {
  backend: Pick<BackendClient, 'session'>
  replay: Pick<ReplayStore, 'reserve'>
  /** Stands before all stages: what is shed costs nothing. */
  overload: Pick<Overload, 'admit'>
  /** Names this deployment: a request captured on another is worthless here. */
  audience: string
  freshnessWindowMs: number
  clock: Clock
}

/**
 * The stages that every signed request passes, in this order: the failure of one wins over all later ones, and nothing is
 * kept or forwarded before the signature holds.
 */
export function createAuthenticate({
  backend,
  replay,
  overload,
  audience,
  freshnessWindowMs: windowMs,
  clock,
}: AuthenticateDeps): Authenticate {
  const deviceKey = createDeviceKeys()

  return async function authenticate(request, { procedure, signal }) {
    using _waiting = overload.admit()
    checkFields(request)
    checkProtocolVersion(request)
    const traceId = request.traceId || newTraceId()
    const session = await activeSession(backend, request, { traceId, signal })
    checkPayloadHash(request)
    const input = requestSigningInput({ ...request, audience, procedure })
    checkSignature({ key: deviceKey(session.public_key), input, signature: request.signature })
    const now = clock.now()
    checkFreshness(request, now, windowMs)
    // Nobody waits for the answer any more: the request is not taken, so that it can be sent again as it is.
    signal.throwIfAborted()
    await reserveRequest(replay, request, { now, windowMs })
    return {
      userId: session.user_id,
      deviceSessionId: session.id,
      requestId: request.requestId,
      traceId,
      requestHash: hash('sha256', input, 'buffer'),
    }
  }
}
