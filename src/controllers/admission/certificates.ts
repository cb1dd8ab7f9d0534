import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Certificate, createCertificate, isPair, validityProblem } from '../../platform/certificate/index.ts'
import { messageOf, StartupError } from '../../platform/errors.ts'

/** Where the webhook's certificate comes from. */
export type CertificateSource = {
  /** The one to show now; a new one when the time has come. */
  current: (now: Date) => Promise<Certificate>
  /** True when we are its authority, and have to tell the API server. */
  ours: boolean
}

const validDays = 7

/** Made in memory, for a week; a new one when two thirds of it have passed, or when the clock was set back before it. */
export function ownCertificates(hosts: readonly string[]): CertificateSource {
  let held: { certificate: Certificate; renewAtMs: number } | undefined
  return {
    ours: true,
    current: async (now) => {
      if (
        !held ||
        now.getTime() >= held.renewAtMs ||
        validityProblem(held.certificate.certificate, now) !== undefined
      ) {
        const renewAtMs = now.getTime() + (validDays * 86_400_000 * 2) / 3
        held = { certificate: createCertificate(hosts, now, { validDays }), renewAtMs }
      }
      return held.certificate
    },
  }
}

/** From files, as cert-manager keeps them: read each time, because they are renewed in place. */
export function certificatesFromFiles({ certFile, keyFile }: { certFile: string; keyFile: string }): CertificateSource {
  return {
    ours: false,
    current: async () => {
      const [certificate, key] = await Promise.all([
        readPem(certFile, 'CONTROLLER_WEBHOOK_CERT_FILE'),
        readPem(keyFile, 'CONTROLLER_WEBHOOK_KEY_FILE'),
      ])
      checkPair({ certificate, key })
      return { certificate, key }
    },
  }
}

/** While they are being renewed, one file may be new and the other old: whoever asks again gets both. */
function checkPair(pair: Certificate): void {
  const setting = 'setting CONTROLLER_WEBHOOK_KEY_FILE'
  let matches
  try {
    matches = isPair(pair)
  } catch (cause) {
    const message = `${setting}: it and CONTROLLER_WEBHOOK_CERT_FILE must be PEM: ${messageOf(cause)}`
    throw new StartupError(message, { cause })
  }
  if (!matches) throw new StartupError(`${setting}: is not the key of the certificate in CONTROLLER_WEBHOOK_CERT_FILE`)
}

async function readPem(path: string, setting: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new StartupError(`setting ${setting}: cannot be read: ${messageOf(cause)}`, { cause })
  })
}

/** For logs: until when. */
export function expiryOf({ certificate }: Certificate): string {
  return new X509Certificate(certificate).validToDate.toISOString()
}
