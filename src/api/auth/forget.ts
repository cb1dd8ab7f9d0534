import type { CommonQueryMethods } from 'slonik'
import { type AuthPolicy, lookBackMs } from './policy.ts'
import * as store from './store.ts'

/** Forgets codes and counts, `limit` of each at most, that no budget looks at any more. Returns how many. */
export async function forgetOld(
  db: CommonQueryMethods,
  { policy, now, limit }: { policy: AuthPolicy; now: Date; limit: number },
): Promise<number> {
  const old = { before: new Date(now.getTime() - lookBackMs(policy)), limit }
  return (await store.deleteOldChallenges(db, old)) + (await store.deleteOldWindows(db, old))
}
