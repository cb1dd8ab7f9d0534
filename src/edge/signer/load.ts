import { messageOf, StartupError } from '../../platform/errors.ts'
import { readAnyKey, readPrivateKey } from './key-file.ts'
import { createSigner, type Signer } from './signer.ts'

export type SignerFiles = {
  /** PKCS#8 PEM, mode 0600 or stricter. */
  keyFile: string
  nextKeyFile?: string | undefined
  retiredKeyFiles?: readonly string[] | undefined
}

/**
 * The signer of a gateway, from the files that its settings name.
 * @throws StartupError naming `GATEWAY_RESPONSE_SIGNER_KEY_FILE`, `…_NEXT_KEY_FILE` or `…_RETIRED_KEY_FILES`
 */
export async function loadSigner({ keyFile, nextKeyFile, retiredKeyFiles = [] }: SignerFiles): Promise<Signer> {
  const active = await readPrivateKey(keyFile, 'GATEWAY_RESPONSE_SIGNER_KEY_FILE')
  const next = nextKeyFile && (await readAnyKey(nextKeyFile, 'GATEWAY_RESPONSE_SIGNER_NEXT_KEY_FILE'))
  const retired = await Promise.all(
    retiredKeyFiles.map((path) => readAnyKey(path, 'GATEWAY_RESPONSE_SIGNER_RETIRED_KEY_FILES')),
  )
  try {
    return createSigner({ active, retired, ...(next ? { next } : {}) })
  } catch (cause) {
    throw new StartupError(`setting GATEWAY_RESPONSE_SIGNER_KEY_FILE: ${messageOf(cause)}`, { cause })
  }
}
