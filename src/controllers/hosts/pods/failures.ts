import { messageOf } from '../../../platform/errors.ts'
import { KubernetesError } from '../../../platform/kubernetes/errors.ts'
import { HostError, type HostFailure } from '../port.ts'

/**
 * Whatever goes wrong, the caller is told by a HostError. What the API server refuses (a quota, an admission rule, a bad
 * field) is `refused`; that it does not answer, is overloaded or does not let us is nothing of the game's.
 */
export async function guarded<T>(refused: HostFailure, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HostError) throw error
    throw new HostError(isGamesOwn(error) ? refused : 'HostUnavailable', messageOf(error), { cause: error })
  }
}

function isGamesOwn(error: unknown): boolean {
  if (!(error instanceof KubernetesError)) return false
  // A quota that is used up is told as Forbidden, too.
  const ofQuota = error.status === 403 && error.message.includes('quota')
  return ofQuota || [400, 404, 409, 413, 422].includes(error.status)
}
