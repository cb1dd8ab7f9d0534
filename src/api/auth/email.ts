import { domainToASCII } from 'node:url'
import { z } from 'zod'

/** `address` is where mail goes, `canonical` what makes two addresses one. Both are ASCII. */
export type Email = { address: string; canonical: string }

const maxLength = 254
const maxLocalLength = 64

/** RFC 5322's dot-atom: nothing quoted, no comment, no comma, so that one address stays one recipient. */
const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i

/** What may be typed for a domain. ASCII is checked before IDNA: `domainToASCII` would undo `%61` and read `0x7f.1`. */
const typedDomain = /^(?:[A-Za-z0-9.-]|[^\p{ASCII}\p{Cc}])+$/u

/** Two labels at least; the last one is no number, or the whole would be an IPv4 address. */
const asciiDomain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[a-z0-9-]*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Reads an e-mail address, or tells that it is none. Neither dots nor what follows a plus are left out: whose mailbox
 * that is, only the host knows.
 */
export function parseEmail(text: string): Email | undefined {
  // Longer than any address by far: not even looked at. Line breaks are refused, not trimmed away.
  if (text.length > 2 * maxLength || /\p{Cc}/u.test(text)) return undefined
  const [local = '', typed = '', ...more] = text.trim().normalize('NFC').split('@')
  if (more.length > 0 || local.length > maxLocalLength || !localPart.test(local) || !typedDomain.test(typed)) {
    return undefined
  }
  // Mail goes to the domain that was checked, not to the one that was typed: a mailer's own conversion may come to
  // another one, and then the code for one address would be sent to somebody else's.
  const domain = domainToASCII(typed)
  const address = `${local}@${domain}`
  if (!asciiDomain.test(domain) || address.length > maxLength) return undefined
  return { address, canonical: address.toLowerCase() }
}

/** For bodies that carry an e-mail address. */
export const EmailAddress = z.string().transform((text, context): Email => {
  const email = parseEmail(text)
  if (email) return email
  context.addIssue('must be one e-mail address, such as ada@example.com')
  return z.NEVER
})
