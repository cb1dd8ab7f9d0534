import { isIP } from 'node:net'
import type { DatabaseTransactionConnection } from 'slonik'
import { findUserByEmail } from '../users/index.ts'
import { forgetOld } from './forget.ts'
import type { SendCode } from './model.ts'
import type { AuthParts } from './parts.ts'
import { lookBackMs, maySend } from './policy.ts'
import * as store from './store.ts'

const loginCodePriority = 100

/** More than come in with each request, and few enough for none to wait long. */
const forgottenAtOnce = 10

/** Long past: the outbox drops such a mail unsent. */
const never = new Date(0)

export type CodeRequest = SendCode & { clientIp: string | undefined }

type Outcome = 'mailed' | 'throttled' | 'blocked'

/**
 * Makes a challenge and mails its code. Whether the address is known, blocked or has had its share, all see the same: a
 * challenge is made, the same statements are run. Then the challenge has no code that leads to it, and its mail says
 * nothing and is over before it could be sent.
 */
export function createSendCode({ db, clock, newId, codes, newCode, policy, enqueueMail, mailQueued, log }: AuthParts) {
  return async function sendCode(request: CodeRequest): Promise<{ challengeId: string }> {
    const challengeId = newId()
    const outcome = await db.transaction((tx) => challenge(tx, challengeId, request))
    mailQueued()
    log.info({ challengeId, outcome }, 'a sign-in code was asked for')
    return { challengeId }
  }

  async function challenge(tx: DatabaseTransactionConnection, id: string, request: CodeRequest): Promise<Outcome> {
    const { address, canonical: emailCanonical } = request.email
    const now = clock.now()
    const allowed = await takeFromBudgets(tx, emailCanonical, now)
    const user = await findUserByEmail(tx, emailCanonical)
    const outcome = user && user.status !== 'active' ? 'blocked' : allowed ? 'mailed' : 'throttled'
    const code = newCode()
    const hash = outcome === 'mailed' ? codes.hash(id, code) : codes.unguessable()
    const kept = { codeMac: Buffer.from(hash.mac), pepperKid: hash.kid, requesterIpHash: ipHash(request.clientIp) }
    // Hosts may tell upper case from lower case: mail for an account goes to the spelling that opened it.
    const email = user?.email ?? address
    const locale = request.locale ?? user?.locale ?? 'en'
    const expiresAt = new Date(now.getTime() + policy.codeTtlMs)

    await store.insertChallenge(tx, { id, email, emailCanonical, locale, ...kept, createdAt: now, expiresAt })
    await enqueueMail(tx, {
      id: newId(),
      kind: 'login_code',
      to: email,
      locale,
      vars: { code: outcome === 'mailed' ? code : '', minutes: String(Math.round(policy.codeTtlMs / 60_000)) },
      priority: loginCodePriority,
      source: kept.requesterIpHash?.toString('hex'),
      expiresAt: outcome === 'mailed' ? expiresAt : never,
      now,
    })
    // A little with each request and last of all, when nobody is waited for any more: the tables stay small by themselves.
    await forgetOld(tx, { policy, now, limit: forgottenAtOnce })
    return outcome
  }

  /**
   * Counts one mail to the address if its budgets have room for it. The blocked have budgets like everybody: otherwise
   * it would show that theirs never run out.
   */
  async function takeFromBudgets(tx: DatabaseTransactionConnection, emailCanonical: string, now: Date) {
    await store.lockAddress(tx, emailCanonical)
    const windows = await store.listWindows(tx, { emailCanonical, since: new Date(now.getTime() - lookBackMs(policy)) })
    const allowed = maySend(windows, policy, now)
    // Without room there is something to look back on: adding nothing to it is the same work, and makes no new row.
    const counted = allowed ? { at: now, sends: 1 } : { at: windows[0]?.at ?? now, sends: 0 }
    await store.countSends(tx, { emailCanonical, ...counted })
    return allowed
  }

  function ipHash(clientIp: string | undefined): Buffer | null {
    return clientIp !== undefined && isIP(clientIp) ? Buffer.from(codes.hashAddress(clientIp)) : null
  }
}
