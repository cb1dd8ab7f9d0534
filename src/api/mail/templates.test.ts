import { describe, expect, it } from 'vitest'
import { ZodError } from 'zod'
import { createTemplates } from './templates.ts'

const templates = createTemplates()
const render = (locale: string, vars: Record<string, string> = { code: '40718256', minutes: '10' }) =>
  templates.render({ kind: 'login_code', locale, vars })

describe('the mail with a login code', () => {
  it.each([
    ['en', 'Your Galaxy sign-in code: 40718256', '10 minutes'],
    ['de', 'Ihr Galaxy-Anmeldecode: 40718256', '10 Minuten'],
    ['ru', 'Код для входа в Galaxy: 40718256', '10 минут'],
    ['de-AT', 'Ihr Galaxy-Anmeldecode: 40718256', '10 Minuten'],
    ['RU-ru', 'Код для входа в Galaxy: 40718256', '10 минут'],
    ['tlh', 'Your Galaxy sign-in code: 40718256', '10 minutes'],
    ['../de', 'Your Galaxy sign-in code: 40718256', '10 minutes'],
    ['', 'Your Galaxy sign-in code: 40718256', '10 minutes'],
  ])('for the locale "%s" has the subject "%s"', (locale, subject, validFor) => {
    const mail = render(locale)
    expect(mail.subject).toBe(subject)
    expect(mail.text).toContain(validFor)
    expect(mail.html).toContain(validFor)
    expect(mail.secrets).toEqual(['40718256'])
  })

  it.each(['en', 'de', 'ru'])('in "%s" has the code on a line of its own, and nothing left to fill in', (locale) => {
    const { text, html, subject } = render(locale)
    expect(text).toMatch(/^40718256$/m)
    expect(text.match(/\b\d{8}\b/g)).toEqual(['40718256'])
    for (const part of [text, html, subject]) expect(part).not.toMatch(/undefined|<%|%>/)
    expect(html).toContain(`<html lang="${locale}">`)
  })

  it('says one minute as people do', () => {
    expect(render('en', { code: '40718256', minutes: '1' }).text).toContain('1 minute.')
  })

  it.each([
    { code: '<b>40718256</b>', minutes: '10' },
    { code: '{{ 4071 }}', minutes: '10' },
    { code: '\u202E40718256', minutes: '10' },
    { code: '40718256\r\nBcc: evil@example.org', minutes: '10' },
    { code: '40718256', minutes: '<%= it %>' },
    { code: '40718256' },
    {},
  ])('is not written with %j (abuse 54)', (vars: Record<string, string>) => {
    expect(() => render('en', vars)).toThrow(ZodError)
  })

  it('is not written as a kind there is none of', () => {
    expect(() => templates.render({ kind: '../login_code', locale: 'en', vars: {} })).toThrow(ZodError)
  })
})
