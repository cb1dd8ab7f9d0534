import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Certificate, createCertificate } from '../../platform/certificate/index.ts'
import { messageOf, StartupError } from '../../platform/errors.ts'

/** Where the webhook's certificate comes from. */
export type CertificateSource = {
  /** The one to show now; a new one when the time has come. */
  current: (now: Date) => Promise<Certificate>
  /** True when we are its authority, and have to tell the API server. */
  ours: boolean
}

const validDays = 7

/** Made in memory, for a week; a new one when two thirds of it have passed, or a clock that was ahead is put right. */
export function ownCertificates(hosts: readonly string[]): CertificateSource {
  let held: { certificate: Certificate; madeAtMs: number; renewAtMs: number } | undefined
  return {
    ours: true,
    current: async (now) => {
      const nowMs = now.getTime()
      if (!held || nowMs >= held.renewAtMs || nowMs < held.madeAtMs) {
        const renewAtMs = nowMs + (validDays * 86_400_000 * 2) / 3
        held = { certificate: createCertificate(hosts, now, { validDays }), madeAtMs: nowMs, renewAtMs }
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
      return { certificate, key }
    },
  }
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
