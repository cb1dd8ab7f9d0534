import type { DatabasePool } from 'slonik'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { enqueueMail } from '../mail/index.ts'
import type { SessionLimits } from '../sessions/index.ts'
import type { Codes } from './codes.ts'
import type { AuthPolicy } from './policy.ts'

/** What the two halves of signing in are made of. */
export type AuthParts = {
  db: DatabasePool
  clock: Clock
  newId: () => string
  /** Whom devices make their proofs for: the gateway's audience. */
  audience: string
  codes: Codes
  newCode: () => string
  policy: AuthPolicy
  sessions: SessionLimits
  /** Puts a mail into the outbox, in the transaction it is given. */
  enqueueMail: typeof enqueueMail
  /** Told after the commit that there may be mail to send. */
  mailQueued: () => void
  log: Log
}
