import { domainToASCII } from 'node:url'

/** One spelling for one mailbox: lower case, the domain in ASCII. Text that is no address is only lower-cased. */
export function canonicalAddress(address: string): string {
  return (singleAddress(address) ?? address).toLowerCase()
}

const atom = String.raw`[A-Za-z0-9!#$%&'*+/=?^_\x60{|}~-]+`
const single = new RegExp(String.raw`^(${atom}(?:\.${atom})*)@([^\s@<>()\[\]\\,;:"\x00-\x1f\x7f]+)$`)

/**
 * The address with its domain in ASCII, if it is one plain address and nothing else. Whatever has got into the outbox, a
 * list, a comment, a quoted part or a line break never reaches an SMTP command, nor anything that only some servers take.
 */
export function singleAddress(address: string): string | undefined {
  const [, local, domain] = single.exec(address) ?? []
  if (local === undefined || domain === undefined || address.length > 254) return undefined
  const ascii = domainToASCII(domain)
  return ascii === '' ? undefined : `${local}@${ascii}`
}
