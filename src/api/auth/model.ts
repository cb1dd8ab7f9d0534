import { z } from 'zod'
import { EmailAddress } from './email.ts'

/** A language tag (BCP 47) in its canonical spelling. */
const Locale = z
  .string()
  .max(35)
  .transform((text, context) => {
    try {
      return new Intl.Locale(text).toString()
    } catch {
      context.addIssue('must be a language tag, such as en or de-AT')
      return z.NEVER
    }
  })

/** An IANA time zone, by the name the device has for it: those that Intl holds canonical are often the older ones. */
const TimeZone = z
  .string()
  .max(64)
  .transform((text, context) => {
    try {
      // Offsets such as +02:00 are accepted by Intl, but they are no zones.
      if (!/^[A-Za-z]/.test(text)) throw new RangeError('an offset')
      new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions()
      return text
    } catch {
      context.addIssue('must be an IANA time zone, such as Europe/Vienna')
      return z.NEVER
    }
  })

/** What people call their device: shown on other screens, so nothing that breaks or turns a line stays in it. */
const DeviceLabel = z
  .string()
  .max(200)
  .transform((text) => {
    const plain = text.normalize('NFC').replace(/\p{C}/gu, ' ').replace(/\s+/gu, ' ').trim()
    return Array.from(plain).slice(0, 64).join('').trim() || null
  })

export const SendCode = z.strictObject({ email: EmailAddress, locale: Locale.optional() })
export type SendCode = z.infer<typeof SendCode>

/** A code of any form is read: what is wrong with it is not told. */
export const ConfirmCode = z.strictObject({
  challenge_id: z.guid(),
  code: z.string().max(256),
  client_public_key: z.string().max(256),
  proof: z.string().max(256),
  device_label: DeviceLabel.optional(),
  time_zone: TimeZone.optional(),
})
export type ConfirmCode = z.infer<typeof ConfirmCode>

/** A challenge whose attempt has been counted, or whose result is asked for again. */
export const Challenge = z.object({
  id: z.uuid(),
  email: z.string(),
  emailCanonical: z.string(),
  locale: z.string(),
  codeMac: z.instanceof(Buffer),
  pepperKid: z.string(),
})
export type Challenge = z.infer<typeof Challenge>
