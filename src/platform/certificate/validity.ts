import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Certificate } from './certificate.ts'

/** Why clients refuse the certificate (PEM) at this moment; undefined when its dates are good. */
export function validityProblem(certificate: string, now: Date): string | undefined {
  const { validFromDate, validToDate } = new X509Certificate(certificate)
  if (now < validFromDate) return `is not valid before ${validFromDate.toISOString()}, and it is ${now.toISOString()}`
  return now > validToDate ? `has expired at ${validToDate.toISOString()}` : undefined
}

/** The moment until which the certificate (PEM) is good. */
export function validUntil(certificate: string): Date {
  return new X509Certificate(certificate).validToDate
}

/**
 * Whether the two are PEM, and the key is the certificate's.
 * @throws Error for what is no PEM
 */
export function isPair({ certificate, key }: Certificate): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
}
