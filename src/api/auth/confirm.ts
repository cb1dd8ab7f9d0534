import { Refusal } from '../../platform/errors.ts'
import { openSession } from '../sessions/index.ts'
import { ensureUser } from '../users/index.ts'
import { trimCode } from './codes.ts'
import type { Challenge, ConfirmCode } from './model.ts'
import type { AuthParts } from './parts.ts'
import { readDeviceKey } from './proof.ts'
import * as store from './store.ts'

/** A confirmation whose proof holds. */
type Guess = { challengeId: string; code: string; publicKey: Buffer; deviceLabel: string | null; timeZone: string }

/**
 * Opens a session for the device that knows a challenge's code. The attempt is counted and committed before the code is
 * looked at: neither many guesses at once nor a death in between make a guess that does not count.
 */
export function createConfirmCode({ db, clock, newId, audience, codes, policy, sessions, log }: AuthParts) {
  return async function confirmCode(request: ConfirmCode): Promise<{ deviceSessionId: string }> {
    const guess = readGuess(request)
    const at = clock.now()
    const challenge = await takeAttempt(guess, at)
    const opened = isRight(guess, challenge) ? await signIn(guess, challenge, at) : undefined
    const deviceSessionId = opened ?? (await repeatedResult(guess, at))
    if (deviceSessionId === undefined) throw refusal()
    if (opened) log.info({ deviceSessionId, challengeId: guess.challengeId }, 'signed in')
    return { deviceSessionId }
  }

  /** The proof comes first: it is about the request alone, and a wrong one costs no attempt. */
  function readGuess(request: ConfirmCode): Guess {
    const { challenge_id: challengeId, code, client_public_key: clientPublicKey, proof } = request
    const key = readDeviceKey({ challengeId, code, clientPublicKey, proof }, audience)
    return {
      challengeId: challengeId.toLowerCase(),
      code: trimCode(code),
      publicKey: Buffer.from(key),
      deviceLabel: request.device_label ?? null,
      timeZone: request.time_zone ?? 'UTC',
    }
  }

  /** Until it has succeeded, an attempt counts as a failure. */
  function takeAttempt({ challengeId }: Guess, now: Date): Promise<Challenge | null> {
    const { maxAttempts, failures } = policy
    const failuresSince = new Date(now.getTime() - failures.withinMs)
    return db.transaction(async (tx) => {
      await store.lockAddressOf(tx, challengeId)
      const attempt = { challengeId, now, maxAttempts, maxFailures: failures.max, failuresSince }
      const challenge = await store.takeAttempt(tx, attempt)
      await store.countFailure(tx, { challengeId: challenge?.id ?? null, at: now })
      return challenge
    })
  }

  function isRight({ challengeId, code }: Guess, challenge: Challenge | null): challenge is Challenge {
    return codes.matches(
      challengeId,
      code,
      challenge ? { kid: challenge.pepperKid, mac: challenge.codeMac } : undefined,
    )
  }

  /** All or nothing: the challenge is used up together with the session that comes of it. Undefined when nothing does. */
  function signIn({ publicKey, deviceLabel, timeZone }: Guess, challenge: Challenge, at: Date) {
    const { id, email, emailCanonical, locale } = challenge
    return db.transaction(async (tx) => {
      if (!(await store.lockUnusedChallenge(tx, id))) return undefined
      const user = await ensureUser(tx, { email, emailCanonical, locale, timeZone, now: at, newId })
      // The code has shown that one mailbox is theirs: it lets nobody into an account that meanwhile has another.
      if (user.status !== 'active' || user.email !== email) return undefined
      const sessionId = await openSession(tx, {
        userId: user.id,
        publicKey,
        deviceLabel,
        now: at,
        newId,
        limits: sessions,
      })
      await store.consumeChallenge(tx, { id, sessionId, now: at })
      await store.uncountFailure(tx, { emailCanonical, at })
      return sessionId
    })
  }

  /** The answer got lost on its way: the device asks again, and is told the same. */
  async function repeatedResult(guess: Guess, now: Date): Promise<string | undefined> {
    const { challengeId, publicKey } = guess
    const since = new Date(now.getTime() - policy.repeatWithinMs)
    const used = await store.findUsedChallenge(db, { challengeId, publicKey, since })
    return isRight(guess, used) ? used?.sessionId : undefined
  }
}

/** One answer for all that can be wrong with a code: which of them it was, is not told. */
function refusal(): Refusal {
  return new Refusal('invalid', 'invalid_or_expired_code', 'This code is wrong, or it is no longer good.')
}
