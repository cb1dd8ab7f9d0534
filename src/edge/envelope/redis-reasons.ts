import { LateReply } from './reply-timer.ts'

/** Why no reservation can be made: a fixed set, for logs and the labels of metrics. */
export const replayReasons = {
  OOM: 'it has reached maxmemory: raise maxmemory, or find what else writes to it',
  NOREPLICAS: 'fewer replicas are connected than min-replicas-to-write asks for',
  READONLY: 'it is a read-only replica: GATEWAY_REDIS_URL must lead to the primary',
  MASTERDOWN: 'it is a replica without its primary: GATEWAY_REDIS_URL must lead to the primary',
  LOADING: 'it is loading its data; it takes reservations when it is done',
  BUSY: 'a script or function occupies it: see SCRIPT KILL',
  MISCONF: 'it cannot save its snapshots and refuses writes: see the disk of Redis, or stop-writes-on-bgsave-error',
  NOAUTH: 'it wants a password: put it into GATEWAY_REDIS_URL',
  WRONGPASS: 'it refuses the user or password of GATEWAY_REDIS_URL',
  NOPERM:
    'the user of GATEWAY_REDIS_URL lacks rights: it needs INFO, TIME, GET, SET, DEL, EVAL, EVALSHA, SCRIPT LOAD and the keys gateway:replay:*',
  CLUSTERDOWN: 'it is a Redis Cluster: use a single primary',
  MOVED: 'it is a Redis Cluster: use a single primary',
  CROSSSLOT: 'it is a Redis Cluster: use a single primary',
  evicting: 'its maxmemory-policy deletes reservations: CONFIG SET maxmemory-policy noeviction',
  unsuitable: 'it cannot keep reservations',
  moved: 'another server answers at every attempt',
  clock_set: 'its clock was set; requests that were signed before are refused',
  epoch_ahead:
    'the replay epoch lies in the future, because the clock of Redis was wrong: see docs/runbooks.md#galaxyreplaystorerefuses',
  late: 'it takes longer than 250 ms',
  disconnected: 'it cannot be reached',
  other: 'it answers with an error',
} as const

export type ReplayReason = keyof typeof replayReasons

/** A finding about the store that is no answer of Redis. */
export class UnfitStore extends Error {
  override name = 'UnfitStore'
  readonly reason: ReplayReason

  constructor(reason: ReplayReason, message: string = replayReasons[reason]) {
    super(message)
    this.reason = reason
  }
}

/** Codes that lead to another server: connecting again may find the new primary behind the same address. */
export const leadsElsewhere: ReadonlySet<ReplayReason> = new Set(['READONLY', 'MASTERDOWN', 'MOVED', 'CLUSTERDOWN'])

/** True when Redis itself said no: then nothing was reserved. */
export function isRefusedByRedis(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

/** The reason behind anything that a reservation fails with. */
export function reasonOf(error: unknown): ReplayReason {
  if (error instanceof UnfitStore) return error.reason
  if (error instanceof LateReply) return 'late'
  if (!isRefusedByRedis(error)) return 'disconnected'
  return codeIn(String(error)) ?? 'other'
}

/** Anywhere in the text: older servers and proxies put their own words before the code. */
function codeIn(text: string): ReplayReason | undefined {
  const [code] =
    /\b(OOM|NOREPLICAS|READONLY|MASTERDOWN|LOADING|BUSY|MISCONF|NOAUTH|WRONGPASS|NOPERM|CLUSTERDOWN|MOVED|CROSSSLOT)\b/.exec(
      text,
    ) ?? []
  return isReason(code) ? code : undefined
}

function isReason(code: string | undefined): code is ReplayReason {
  return code !== undefined && code in replayReasons
}
