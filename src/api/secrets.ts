import { messageOf, StartupError } from '../platform/errors.ts'
import { readSecretFile } from '../platform/secret-file.ts'
import { peppers } from './auth/index.ts'
import type { ApiSettings } from './settings.ts'

export type Secrets = Awaited<ReturnType<typeof readSecrets>>

/**
 * The secrets that the settings name files of.
 * @throws StartupError with one line for each setting whose file is missing or wrong
 */
export async function readSecrets({ serviceToken, serviceTokenFile, codePepperFile }: ApiSettings['secrets']) {
  const [token, codePeppers] = await Promise.allSettled([
    serviceTokenFile === undefined ? serviceToken : readSecretFile(serviceTokenFile, 'BACKEND_SERVICE_TOKEN_FILE'),
    readPeppers(codePepperFile),
  ])
  if (token.status === 'fulfilled' && codePeppers.status === 'fulfilled') {
    return { serviceToken: token.value, peppers: codePeppers.value }
  }
  const failed = [token, codePeppers].filter((each) => each.status === 'rejected')
  throw new StartupError(failed.map(({ reason }) => messageOf(reason)).join('\n'))
}

/** A line for each: the first is for new codes, the others are for those that are still on their way. */
async function readPeppers(path: string) {
  const text = await readSecretFile(path, 'BACKEND_CODE_PEPPER_FILE')
  const lines = text.split('\n').map((line) => line.trim())
  const parsed = peppers.safeParse(lines.filter((line) => line !== '').join(','))
  if (parsed.success) return parsed.data
  const said = parsed.error.issues.map(({ message }) => message).join('; ')
  throw new StartupError(`setting BACKEND_CODE_PEPPER_FILE: ${path} ${said} or in lines`)
}
