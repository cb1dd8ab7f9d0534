import { UnfitStore } from './redis-reasons.ts'

/** What the store must know of the server at the other end. */
export type ServerInfo = {
  /** Changes when the server restarts, is promoted, or takes over the data of another. */
  identity: string
  /** Undefined where INFO does not say. */
  evictionPolicy: string | undefined
  evictedKeys: number
}

/**
 * Reads the answer of `INFO`.
 * @throws UnfitStore when the server cannot keep reservations, or does not say who it is
 */
export function readServerInfo(info: string): ServerInfo {
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]
  if (field('loading') === '1') throw new UnfitStore('LOADING')
  const mode = field('redis_mode') ?? 'standalone'
  if (mode === 'cluster' || field('cluster_enabled') === '1') throw new UnfitStore('CLUSTERDOWN')
  if (mode === 'sentinel') throw new UnfitStore('unsuitable', 'it is a Sentinel: the address must lead to the primary')
  const identity = [field('run_id'), field('master_replid')].filter(Boolean).join(':')
  if (identity === '') {
    throw new UnfitStore('unsuitable', 'INFO tells neither run_id nor master_replid, so its restarts cannot be told')
  }
  return { identity, evictionPolicy: field('maxmemory_policy'), evictedKeys: Number(field('evicted_keys') ?? 0) }
}

/**
 * A reservation that is deleted before its time is a request that can be executed again.
 * @throws UnfitStore unless the policy is `noeviction`
 */
export function checkEvictionPolicy(policy: string | undefined): void {
  if (policy === 'noeviction') return
  const said = policy === undefined ? 'cannot be read (neither INFO nor CONFIG GET tells it)' : `is ${policy}`
  throw new UnfitStore('evicting', `its maxmemory-policy ${said}, but must be noeviction, or reservations get lost`)
}
