import { describe, expect, it } from 'vitest'
import { startScriptedSmtp } from './testing/smtp.ts'
import { createSmtpTransport } from './transport.ts'

const id = '0b6f6a0e-6f0a-4b8e-9a53-0d4f3b0f8a11'
const mail = { id, to: 'ada@example.org', subject: 's', text: 't', html: '<p>t</p>' }
const to = (url: string) => createSmtpTransport({ url, from: 'Galaxy <no-reply@galaxy.test>', deadlineMs: 5_000 })

describe('the transport', () => {
  const url = 'smtp://127.0.0.1:25'
  it.each([
    { setting: 'another protocol', options: { url: 'http://u:secret@127.0.0.1', from: 'a@b.c' } },
    { setting: 'no server', options: { url: '127.0.0.1:25', from: 'a@b.c' } },
    { setting: 'two senders', options: { url, from: 'a@b.c, d@e.f' } },
    { setting: 'a sender without an address', options: { url, from: 'Galaxy' } },
  ])('is not made with $setting', ({ options }) => {
    const make = () => createSmtpTransport({ deadlineMs: 1_000, ...options })
    expect(make).toThrow(/^the (SMTP server|sender of mail) must be/)
    expect(make).not.toThrow(/secret/)
  })

  it('tells whether the server would take mail from us', async () => {
    await using smtp = await startScriptedSmtp({ passwords: true })
    const transport = to(smtp.url)
    await transport.verify()
    smtp.refusesPasswords = true
    await expect(transport.verify()).rejects.toThrow('535')
    transport.close()
  })

  it('does not trust a certificate that nobody vouches for', async () => {
    await using smtp = await startScriptedSmtp({ encryption: true })
    const transport = to(smtp.url)
    await expect(transport.send(mail)).rejects.toMatchObject({ outcome: { verdict: 'pause' } })
    transport.close()
    expect(smtp.received).toEqual([])
  })

  it('tells its password to another machine only encrypted, unless it is told otherwise', async () => {
    await using smtp = await startScriptedSmtp({ passwords: true })
    // Reaches this machine, but does not look like it.
    const elsewhere = smtp.url.replace('127.0.0.1', '0.0.0.0')
    const careful = to(elsewhere)
    await expect(careful.send(mail)).rejects.toMatchObject({ outcome: { verdict: 'pause' } })
    careful.close()
    expect(smtp.passwordsSeen).toBe(0)
    const careless = to(`${elsewhere}/?requireTLS=false`)
    await careless.send(mail)
    careless.close()
    expect(smtp.received).toHaveLength(1)
  })

  it('keeps the content of a mail what it is, and never a file or an address to fetch', async () => {
    await using smtp = await startScriptedSmtp()
    const transport = to(smtp.url)
    await transport.send({ ...mail, subject: 'a\r\nBcc: evil@example.org', text: '/etc/hostname' })
    transport.close()
    expect(smtp.received[0]?.recipients).toEqual(['ada@example.org'])
    expect(smtp.received[0]?.mail.bcc).toBeUndefined()
    expect(smtp.received[0]?.mail.text?.trim()).toBe('/etc/hostname')
  })
})
