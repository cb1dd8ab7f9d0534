import { Refusal } from '../../platform/errors.ts'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'

/** What to answer when the Kubernetes API refused or is away. Other errors stay as they are. */
export function asOutage(error: Error): Error {
  if (!(error instanceof KubernetesError)) return error
  if (error.reason === 'NotFound') {
    return new Refusal('missing', 'game_not_found', 'The Game is gone.', { cause: error })
  }
  if (error.reason === 'Conflict') {
    return new Refusal('conflict', 'game_changed', 'The Game was changed meanwhile; try again.', { cause: error })
  }
  if (error.status !== 0 && error.status !== 429 && error.status < 500) return error
  const message = 'The Kubernetes API is not available at the moment.'
  return new Refusal('unavailable', 'service_unavailable', message, { cause: error, details: { retry_after_ms: 1000 } })
}
