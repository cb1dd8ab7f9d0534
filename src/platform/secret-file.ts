import { readFile } from 'node:fs/promises'
import { messageOf, StartupError } from './errors.ts'

/**
 * A secret from the file that a setting names, without the line break at its end.
 * @throws StartupError naming the setting, when the file cannot be read or is empty
 */
export async function readSecretFile(path: string, setting: string): Promise<string> {
  const secret = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new StartupError(`setting ${setting}: cannot be read: ${messageOf(cause)}`, { cause })
  })
  if (secret.trim() === '') throw new StartupError(`setting ${setting}: the file ${path} is empty`)
  return secret.trim()
}
