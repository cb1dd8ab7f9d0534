/** Why a line is missing in the log: the values of the label `reason`. */
export const dropReasons = ['blocked', 'no_space', 'closed', 'failed', 'too_long', 'repeated'] as const
export type DropReason = (typeof dropReasons)[number]

/** Counts of dropped lines, by reason. */
export type Drops = Record<DropReason, number>

export function noDrops(): Drops {
  return { blocked: 0, no_space: 0, closed: 0, failed: 0, too_long: 0, repeated: 0 }
}

const reasonsOfCodes: ReadonlyMap<unknown, DropReason> = new Map([
  ['EAGAIN', 'blocked'],
  ['ENOBUFS', 'blocked'],
  ['ENOSPC', 'no_space'],
  ['EDQUOT', 'no_space'],
  ['EFBIG', 'no_space'],
  ['EPIPE', 'closed'],
  ['ECONNRESET', 'closed'],
  ['ENOTCONN', 'closed'],
  ['EBADF', 'closed'],
])

/** Why lines are dropped while writing fails with this error code. */
export function dropReasonOf(code: unknown): DropReason {
  return reasonsOfCodes.get(code) ?? 'failed'
}
