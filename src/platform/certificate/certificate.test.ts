import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCertificate } from './index.ts'

const own = createCertificate(['localhost', '127.0.0.1', '::1', '2001:db8::8:800:200c:417a'], new Date())

describe('a certificate', () => {
  const read = new X509Certificate(own.certificate)

  it('is for its hosts, and for no others', () => {
    expect(read.checkHost('localhost')).toBe('localhost')
    expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(read.checkIP('::1')).toBe('::1')
    expect(read.checkIP('2001:db8::8:800:200c:417a')).toBeDefined()
    expect(read.checkIP('127.0.0.2')).toBeUndefined()
  })

  it('is signed by itself and an authority', () => {
    expect(read.verify(read.publicKey)).toBe(true)
    expect(read.ca).toBe(true)
  })

  it('is valid now and for years', () => {
    expect(read.validFromDate.getTime()).toBeLessThan(Date.now())
    expect(read.validToDate.getTime()).toBeGreaterThan(Date.now() + 9 * 365 * 86_400_000)
  })

  it('is valid for as long as it is asked for', () => {
    const now = new Date('2026-03-01T12:00:00Z')
    const week = new X509Certificate(createCertificate(['localhost'], now, { validDays: 7 }).certificate)
    expect(week.validToDate).toEqual(new Date('2026-03-08T12:00:00Z'))
  })

  it('has a serial number of its own', () => {
    const other = new X509Certificate(createCertificate(['localhost'], new Date()).certificate)
    expect(other.serialNumber).not.toBe(read.serialNumber)
  })
})
