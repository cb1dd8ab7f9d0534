import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../../platform/errors.ts'
import { HostError } from '../port.ts'

/** The command that runs each built-in image; its program is the last argument. */
export type Images = Readonly<Record<string, readonly string[]>>

export type ImageSource = {
  images: Images
  /** Whether `file:///path` of an executable is an image, too. */
  allowFileImages: boolean
}

/**
 * The command that an image stands for: a built-in name, or `file:///path` of an executable.
 * @throws HostError ImageUnavailable
 */
export async function imageCommand(image: string, { images, allowFileImages }: ImageSource) {
  const builtIn = Object.hasOwn(images, image) ? images[image] : undefined
  if (builtIn) return builtIn
  if (image.startsWith('file:') && allowFileImages) return [await executable(image)]
  const known = Object.keys(images).join(', ') || 'none'
  throw new HostError(
    'ImageUnavailable',
    `there is no image ${image} here: the process runtime has only its built-in engines (${known})${allowFileImages ? ' and file:///path' : ''}`,
  )
}

/**
 * Pins what the image is on this host: the hash of its name and its program.
 * @throws HostError ImageUnavailable
 */
export async function imageDigest(image: string, source: ImageSource): Promise<string> {
  const program = (await imageCommand(image, source)).at(-1) ?? ''
  const content = await readFile(program).catch((error: unknown) => {
    throw new HostError('ImageUnavailable', `${image}: ${messageOf(error)}`, { cause: error })
  })
  return `sha256:${createHash('sha256').update(`${image}\0`).update(content).digest('hex')}`
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
