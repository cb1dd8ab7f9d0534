import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { HostError } from '../port.ts'

export type Images = Readonly<Record<string, readonly string[]>>

/**
 * The command that an image stands for: a built-in name, or `file:///path` of an executable.
 * @throws HostError ImageUnavailable
 */
export async function imageCommand(
  image: string,
  { images, allowFileImages }: { images: Images; allowFileImages: boolean },
) {
  const builtIn = images[image]
  if (builtIn) return builtIn
  if (image.startsWith('file://') && allowFileImages) return [await executable(image)]
  const known = Object.keys(images).join(', ') || 'none'
  throw new HostError(
    'ImageUnavailable',
    `there is no image ${image} here: the process runtime has only its built-in engines (${known})${allowFileImages ? ' and file:///path' : ''}`,
  )
}

/** Pins what the image is on this host: the hash of its program. */
export async function imageDigest(command: readonly string[]): Promise<string> {
  const program = command.at(-1) ?? ''
  const hash = createHash('sha256').update(command.join('\0'))
  return `sha256:${hash.update(await readFile(program)).digest('hex')}`
}

async function executable(image: string): Promise<string> {
  try {
    const path = fileURLToPath(image)
    await access(path, constants.X_OK)
    if ((await stat(path)).isFile()) return path
  } catch (error) {
    throw new HostError('ImageUnavailable', `${image} is no file that can be executed`, { cause: error })
  }
  throw new HostError('ImageUnavailable', `${image} is no file that can be executed`)
}
