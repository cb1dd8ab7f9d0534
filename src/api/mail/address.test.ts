import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalAddress, singleAddress } from './address.ts'
import { redact } from './redact.ts'

describe('an address (abuse 48)', () => {
  it.each([
    ['ada@example.org', 'ada@example.org'],
    ["o'Brien+galaxy@Example.org", "o'Brien+galaxy@example.org"],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ])('%s is sent to as %s', (address, sentTo) => {
    expect(singleAddress(address)).toBe(sentTo)
  })

  it.each([
    'a@b.c,evil@x.org',
    'a@b.c;evil@x.org',
    'a@b.c evil@x.org',
    'Ada <a@b.c>',
    'friends: a@b.c;',
    '"quoted"@b.c',
    'a(comment)@b.c',
    'a@b.c\r\nRCPT TO:<evil@x.org>',
    'a@b.c\0',
    'a@b@c',
    'ä@b.c',
    '@b.c',
    'a@',
    '',
    `${'a'.repeat(10_000)}@b.c`,
  ])('%j is none', (text) => {
    expect(singleAddress(text)).toBeUndefined()
  })

  it('never carries what could end an SMTP command or name a second mailbox', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (local, domain) => {
        expect(singleAddress(`${local}@${domain}`) ?? 'a@b').toMatch(/^[^\s<>,;:"\\@]+@[\x21-\x7e]+$/)
      }),
    )
  })

  it('is the same mailbox however it is written', () => {
    expect(canonicalAddress('Ada@BÜCHER.example')).toBe('ada@xn--bcher-kva.example')
    expect(canonicalAddress(canonicalAddress('Ada@BÜCHER.example'))).toBe('ada@xn--bcher-kva.example')
  })
})

describe('what a server has said (abuse 47)', () => {
  it('loses its secrets, its addresses and its length', () => {
    expect(redact('550 <ada@example.org> said 40718256 to bob@x.', ['40718256'])).toBe(
      '550 <[address]> said [secret] to [address]',
    )
    expect(redact('x'.repeat(10_000), [])).toHaveLength(500)
  })
})
