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
  if (error.status === 403) return !notOfThePod.some((each) => each.test(error.message))
  return [400, 404, 409, 413, 422].includes(error.status)
}

/**
 * Quotas, unknown priority classes and all kinds of policies refuse a Pod as Forbidden. So are we told that we lack a
 * right, and what will not be so in a moment.
 */
const notOfThePod = [
  /^[^:]* is forbidden: User "[^"]*" cannot /,
  /because it is being terminated$/,
  /: error looking up service account /,
  /: status unknown for quota/,
  /: not yet ready to handle request$/,
]
