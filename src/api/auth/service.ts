import { traced } from '../../platform/telemetry/index.ts'
import { createCodes, type Pepper, randomCode } from './codes.ts'
import { createConfirmCode } from './confirm.ts'
import { forgetOld } from './forget.ts'
import type { AuthParts } from './parts.ts'
import { type AuthPolicy, defaultAuthPolicy } from './policy.ts'
import { createSendCode } from './send.ts'

export type AuthDeps = Omit<AuthParts, 'codes' | 'newCode' | 'policy' | 'mailQueued'> & {
  codes: { peppers: readonly [Pepper, ...Pepper[]]; newCode?: () => string }
  policy?: AuthPolicy
  mailQueued?: () => void
}

export type AuthService = ReturnType<typeof createAuthService>

/** Signing in by a code that is mailed, on a key that the device keeps. */
export function createAuthService({ codes, policy = defaultAuthPolicy, mailQueued = () => {}, ...deps }: AuthDeps) {
  const { peppers, newCode = randomCode } = codes
  const parts: AuthParts = { ...deps, policy, mailQueued, codes: createCodes(peppers), newCode }
  return {
    sendCode: traced('auth.send_code', createSendCode(parts)),
    /** Also while nobody signs in: an address is kept no longer than it is needed. */
    forgetOld: (limit: number) => forgetOld(deps.db, { policy, now: deps.clock.now(), limit }),
    confirmCode: traced('auth.confirm_code', createConfirmCode(parts)),
  }
}
