import { z } from 'zod'
import { confirmSigningInput } from '../signing/index.ts'
import { base64Of, sha256, utf8Bytes } from './bytes.ts'
import { type ClientClock, jitteredMs } from './clock.ts'
import { signWith } from './device-key.ts'
import { CommandRefused, GatewayRefused } from './errors.ts'
import type { GatewayKeys } from './gateway-keys.ts'
import type { DeviceIdentity } from './identity.ts'
import type { PublicApi } from './public-api.ts'

const Challenge = z.object({ challenge_id: z.string() })
const Confirmed = z.object({ device_session_id: z.string() })

/** The platform gives the same session again for a minute after it has been made. */
const confirmWithinMs = 30_000

export type Confirmation = { challengeId: string; code: string; deviceLabel?: string; timeZone?: string }

type Deps = { api: PublicApi; keys: GatewayKeys; clock: ClientClock; identity: DeviceIdentity }

/** Signing in with a code sent by e-mail. */
export function createSignIn({ api, keys, clock, identity }: Deps) {
  return {
    /**
     * Has a code sent. The answer is the same whether or not the address is known, and may be sent mail now. It is not
     * tried again by itself: a second challenge would make the code of the first useless.
     */
    sendEmailCode: async (email: string, { locale }: { locale?: string } = {}) => {
      const answer = await api.post('/auth/send-email-code', { email, ...(locale ? { locale } : {}) }, Challenge)
      return { challengeId: answer.challenge_id }
    },
    /**
     * Enrols this device's key. Tried again when the answer is lost: that gives the same session.
     * @throws CommandRefused `invalid_or_expired_code` and others
     */
    confirmEmailCode: async ({ challengeId, code, deviceLabel, timeZone }: Confirmation) => {
      const body = {
        ...(await proofOf(challengeId, code.trim())),
        ...(deviceLabel ? { device_label: deviceLabel } : {}),
        ...(timeZone ? { time_zone: timeZone } : {}),
      }
      const answer = await confirmed(body)
      identity.signIn(answer.device_session_id)
      return { deviceSessionId: answer.device_session_id }
    },
  }

  /** Shows that this device holds the key that is enrolled. */
  async function proofOf(challengeId: string, code: string) {
    const { publicKey } = identity.key
    const codeHash = await sha256(utf8Bytes(code))
    const audience = await keys.audience()
    const input = confirmSigningInput({ audience, challengeId, codeHash, clientPublicKey: publicKey })
    const proof = base64Of(await signWith(identity.key, input))
    return { challenge_id: challengeId, code, client_public_key: base64Of(publicKey), proof }
  }

  async function confirmed(body: object) {
    const deadlineMs = clock.nowMs() + confirmWithinMs
    for (let failures = 1; ; failures += 1) {
      try {
        return await api.post('/auth/confirm-email-code', body, Confirmed)
      } catch (error) {
        const waitMs = jitteredMs(failures, clock, 300, 5000)
        if (!isPassing(error) || clock.nowMs() + waitMs >= deadlineMs) throw error
        await clock.sleep(waitMs)
      }
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof GatewayRefused) return true
  return error instanceof CommandRefused && (error.problem.status === 503 || error.problem.status === 504)
}
