import { createPrivateKey, X509Certificate } from 'node:crypto'
import { messageOf, StartupError } from '../platform/errors.ts'
import { readSecretFile } from '../platform/secret-file.ts'

export type TlsFiles = { certFile: string | undefined; keyFile: string | undefined }

/**
 * The certificate (with its chain) and its key, both PEM; undefined when there is to be no TLS.
 * @throws StartupError naming the setting whose file is wrong
 */
export async function readTlsFiles({
  certFile,
  keyFile,
}: TlsFiles): Promise<{ cert: string; key: string } | undefined> {
  if (certFile === undefined || keyFile === undefined) return undefined
  const cert = await readSecretFile(certFile, 'GATEWAY_TLS_CERT_FILE')
  const key = await readSecretFile(keyFile, 'GATEWAY_TLS_KEY_FILE')
  const certificate = parse('GATEWAY_TLS_CERT_FILE', () => new X509Certificate(cert))
  const privateKey = parse('GATEWAY_TLS_KEY_FILE', () => createPrivateKey(key))
  if (certificate.checkPrivateKey(privateKey)) return { cert, key }
  throw new StartupError('setting GATEWAY_TLS_KEY_FILE: is not the key of the certificate in GATEWAY_TLS_CERT_FILE')
}

function parse<T>(setting: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new StartupError(`setting ${setting}: is not PEM as expected: ${messageOf(cause)}`, { cause })
  }
}
