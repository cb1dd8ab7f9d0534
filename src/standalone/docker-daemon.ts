import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { messageOf, StartupError } from '../platform/errors.ts'
import type { Environment } from '../platform/settings.ts'
import { quoted } from './shell.ts'

const deadlineMs = 5000
const usualSocket = '/var/run/docker.sock'
const product = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

export type DockerNeeds = { socket: string; image: string; environment: Environment }

/**
 * Makes sure, before anything starts, that engines can run as containers.
 * @throws StartupError when no Docker daemon answers at the socket, or it has no image of the engine: both with what to do
 */
export async function requireDocker({ socket, image, environment }: DockerNeeds): Promise<void> {
  await ask(socket, '/_ping', [200]).catch((error: unknown) => {
    throw new StartupError(
      `--runtime docker: no Docker daemon answers at ${socket} (${messageOf(error)}): start it, or name its socket in CONTROLLER_DOCKER_SOCKET${hint(environment)}`,
      { cause: error },
    )
  })
  const status = await ask(socket, `/images/${image}/json`, [200, 404]).catch((error: unknown) => {
    throw new StartupError(`--runtime docker: the Docker daemon at ${socket} cannot be used: ${messageOf(error)}`, {
      cause: error,
    })
  })
  if (status === 404) throw new StartupError(howToBuild(socket, image))
}

/** A client's setting: what the platform uses is said by its own. */
function hint({ DOCKER_HOST = '' }: Environment): string {
  if (DOCKER_HOST === '') return ''
  const path = /^unix:\/\/(\/.+)$/.exec(DOCKER_HOST)?.[1]
  return path === undefined ? ' (DOCKER_HOST is not read)' : ` (DOCKER_HOST is not read; it names ${path})`
}

function howToBuild(socket: string, image: string): string {
  const where = socket === usualSocket ? '' : `DOCKER_HOST=${quoted(`unix://${socket}`)} `
  return [
    `--runtime docker: the Docker daemon at ${socket} has no image ${image}, which games run unless they name another; build it once:`,
    `    ${where}docker build --tag ${image} ${quoted(product)}`,
    'that takes a base image and packages from their registries; where none can be reached (on Debian, as root):',
    `    ${where}${quoted(`${product}/scripts/image/build.sh`)} ${image}`,
  ].join('\n')
}

/** The status that the daemon answers, if it is one of those. */
function ask(socketPath: string, path: string, expected: readonly number[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, timeout: deadlineMs }, (answer) => {
      answer.resume()
      const { statusCode = 0 } = answer
      if (expected.includes(statusCode)) resolve(statusCode)
      else reject(new Error(`it answers ${statusCode}`))
    })
    asked.on('timeout', () => asked.destroy(new Error(`not within ${deadlineMs / 1000} s`)))
    asked.on('error', reject).end()
  })
}
