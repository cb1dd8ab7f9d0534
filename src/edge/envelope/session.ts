import { Refusal } from '../../platform/errors.ts'
import type { BackendClient, SessionRecord } from '../backend/index.ts'
import type { SignedRequest } from './model.ts'

type Lookup = { traceId: string; signal: AbortSignal }

/**
 * The active session that the request names. The backend is asked each time, about anything that an id may look like, so
 * that a made-up id takes as long as a real one.
 * @throws Refusal `unknown_session`, `session_revoked`, or as the backend's client does
 */
export async function activeSession(
  backend: Pick<BackendClient, 'session'>,
  { deviceSessionId }: SignedRequest,
  { traceId, signal }: Lookup,
): Promise<SessionRecord> {
  const session = await backend.session(deviceSessionId, signal, traceId)
  // The backend's database reads an id in capital letters too; here one session must not have two names, for its
  // reservations are kept by name.
  if (session?.id !== deviceSessionId) {
    throw new Refusal('unauthenticated', 'unknown_session', 'There is no such device session; sign in again.')
  }
  if (session.status === 'active') return session
  throw new Refusal('precondition', 'session_revoked', 'This device has been signed out.')
}
