import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { messageOf, StartupError, systemErrorCode } from '../platform/errors.ts'
import { writeFileAtomically } from '../platform/files.ts'
import { type Certificate, createCertificate } from '../platform/certificate/index.ts'

const hosts = ['127.0.0.1', '::1', 'localhost']
const renewBeforeMs = 30 * 86_400_000

/**
 * The certificate that the Kubernetes API shows, kept so that copies of a kubeconfig stay good; a new one shortly before
 * it expires.
 * @throws StartupError when it is there but cannot be read
 */
export async function keepCertificate(path: string, now: Date): Promise<Certificate> {
  const kept = await readCertificate(path)
  if (kept && Date.parse(new X509Certificate(kept.certificate).validTo) - now.getTime() > renewBeforeMs) return kept
  const made = createCertificate(hosts, now)
  await writeFileAtomically(path, `${made.certificate}${made.key}`, { mode: 0o600 })
  return made
}

async function readCertificate(path: string): Promise<Certificate | undefined> {
  let text
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw new StartupError(`${path} cannot be read (${messageOf(error)}): make it readable for this account`, {
      cause: error,
    })
  }
  try {
    const [certificate = '', key = ''] = text.match(/-----BEGIN [^]+?-----END [A-Z ]+-----\n/g) ?? []
    if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return { certificate, key }
  } catch {
    // Said below.
  }
  throw new StartupError(`the certificate ${path} is damaged: restore it from a backup, or delete it to have one made`)
}
