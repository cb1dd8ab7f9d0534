import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { type DatabasePool, sql } from 'slonik'
import { z } from 'zod'
import { type Log, silentLog } from '../../platform/log.ts'
import { confirmSigningInput } from '../../signing/index.ts'
import { enqueueMail } from '../mail/index.ts'
import { defaultSessionLimits } from '../sessions/index.ts'
import { parseEmail } from './email.ts'
import { ConfirmCode } from './model.ts'
import { createAuthService } from './service.ts'

export const audience = 'galaxy-test'

export const pepper = (kid: string) => ({ kid, key: createHash('sha256').update(kid).digest() })

/** An address that no other test uses. */
export const someAddress = () => `ada-${randomUUID()}@example.com`

/** A device with a key of its own. */
export function someDevice() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
  return {
    raw,
    /** The body of a confirmation with this device's key and proof. */
    confirmation: ({ challengeId, code }: { challengeId: string; code: string }, more: object = {}) => {
      const codeHash = createHash('sha256').update(code).digest()
      const input = confirmSigningInput({ audience, challengeId, codeHash, clientPublicKey: raw })
      return {
        challenge_id: challengeId,
        code,
        client_public_key: Buffer.from(raw).toString('base64'),
        proof: sign(null, input, privateKey).toString('base64'),
        ...more,
      }
    },
  }
}

export type Device = ReturnType<typeof someDevice>

type Parts = {
  log?: Log
  newCode?: () => string
  peppers?: [ReturnType<typeof pepper>, ...ReturnType<typeof pepper>[]]
}

/** Signing in at a time that the test decides. */
export function startAuth(db: DatabasePool, { log = silentLog, newCode, peppers = [pepper('k1')] }: Parts = {}) {
  let now = new Date('2026-03-01T12:00:00.000Z')
  const auth = createAuthService({
    db,
    clock: { now: () => now },
    newId: randomUUID,
    audience,
    codes: { peppers, ...(newCode && { newCode }) },
    sessions: defaultSessionLimits,
    enqueueMail,
    log,
  })
  const pass = (ms: number) => {
    now = new Date(now.getTime() + ms)
  }
  const send = async (address: string) => {
    const email = parseEmail(address)
    if (!email) throw new Error(`${address} is no address`)
    const { challengeId } = await auth.sendCode({ email, clientIp: undefined })
    return challengeId
  }
  const confirm = async (device: Device, guess: { challengeId: string; code: string }, more: object = {}) => {
    const { deviceSessionId } = await auth.confirmCode(ConfirmCode.parse(device.confirmation(guess, more)))
    return deviceSessionId
  }
  /** Asks for a code and reads it from the mail. */
  const challenge = async (address: string) => {
    const challengeId = await send(address)
    const code = (await mailsTo(db, address)).at(-1)?.code
    if (code === undefined) throw new Error(`no mail to ${address}`)
    return { challengeId, code }
  }
  return { auth, pass, send, challenge, confirm, now: () => now }
}

const Mail = z.object({ recipient: z.string(), code: z.string(), locale: z.string(), minutes: z.string() })

/** The mails that go out to an address, in any spelling. */
export function mailsTo(db: DatabasePool, address: string): Promise<readonly z.infer<typeof Mail>[]> {
  return db.any(sql.type(Mail)`
    SELECT recipient, vars->>'code' AS code, locale, vars->>'minutes' AS minutes
    FROM backend.mail_deliveries
    WHERE lower(recipient) = lower(${address}) AND expires_at > created_at
    ORDER BY created_at
  `)
}

/** A wrong code for a right one. */
export const wrong = (code: string) => String((Number(code) + 1) % 100_000_000).padStart(8, '0')
