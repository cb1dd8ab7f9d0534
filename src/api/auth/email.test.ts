import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEmail } from './email.ts'

describe('an e-mail address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com', 'ada@example.com'],
    ['  Ada.Lovelace@Example.COM ', 'Ada.Lovelace@example.com', 'ada.lovelace@example.com'],
    ['ada+galaxy@example.com', 'ada+galaxy@example.com', 'ada+galaxy@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@ｅxample。com', 'ada@example.com', 'ada@example.com'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%s is mailed to as %s', (text, address, canonical) => {
    expect(parseEmail(text)).toEqual({ address, canonical })
  })

  it('in letters that only look alike is another address (abuse 48)', () => {
    expect(parseEmail('ada@ex\u0430mple.com')?.canonical).toBe('ada@xn--exmple-4nf.com')
  })

  it.each([
    'ada',
    'ada@',
    '@example.com',
    'ada@localhost',
    'ada@example',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'ada@[::1]',
    'ada@0x7f.1',
    'ada@1.2.3',
    'ada@example.com.',
    'ada@example..com',
    'ada@-example.com',
    'ada@exa_mple.com',
    'ada@ex%61mple.com',
    'ada@exam ple.com',
    'ada@example.com:25',
    'ada@example.com/x',
    'ada@evil.com@example.com',
    'ada@example.com,evil@example.com',
    'ada@example.com;evil@example.com',
    'ada@example.com\r\nBcc: evil@example.com',
    'ada@example.com\r\n',
    'ada@example.com\n',
    '\tada@example.com',
    'ada\0@example.com',
    '"ada"@example.com',
    '"a@b"@example.com',
    'ada(comment)@example.com',
    'ada@example.com (comment)',
    'Ada <ada@example.com>',
    'friends: ada@example.com;',
    '.ada@example.com',
    'ada.@example.com',
    'a..da@example.com',
    'ädä@example.com',
    'аda@example.com',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'a'.repeat(64)}.com`,
    `ada@${'a.'.repeat(125)}com`,
    `${'a'.repeat(10_000)}@example.com`,
  ])('%j is none (abuse 48)', (text) => {
    expect(parseEmail(text)).toBeUndefined()
  })

  it('comes to the same when it is read again, whatever it was', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), anythingAtAll, fc.string({ unit: 'binary' })), (text) => {
        const email = parseEmail(text)
        if (!email) return
        expect(parseEmail(email.address)).toEqual(email)
        expect(parseEmail(email.canonical)).toEqual({ address: email.canonical, canonical: email.canonical })
      }),
    )
  })

  it('is one plain ASCII address of at most 254 characters, whatever it was', () => {
    fc.assert(
      fc.property(anythingAtAll, (text) => {
        const email = parseEmail(text)
        if (!email) return
        const { address, canonical } = email
        expect(address).toMatch(/^[\x21-\x7e]+$/)
        expect(address.split('@')).toHaveLength(2)
        expect(address).not.toMatch(/[\s",;:<>()[\]\\]/)
        expect(address.length).toBeLessThanOrEqual(254)
        expect(canonical).toBe(address.toLowerCase())
      }),
      { numRuns: 1000 },
    )
  })

  it('is one for all its spellings in upper and lower case', () => {
    fc.assert(
      fc.property(fc.emailAddress({ size: 'small' }), (text) => {
        expect(parseEmail(text.toUpperCase())?.canonical).toBe(parseEmail(text)?.canonical)
      }),
    )
  })
})

const odd = fc.constantFrom(...Array.from('aZ9.-+@ \t\r\n\0,;:"()<>[]\\%_/üа。Ａ\u00ad\u200d\u202e\u2028'))
const anythingAtAll = fc
  .tuple(fc.string({ unit: odd, maxLength: 10 }), fc.string({ unit: odd, maxLength: 10 }), fc.boolean())
  .map(([local, domain, plain]) => (plain ? `${local}@${domain}.com` : `ada${local}@x${domain}x.com`))
