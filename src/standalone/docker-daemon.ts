import { request } from 'node:http'
import { messageOf, StartupError } from '../platform/errors.ts'

const deadlineMs = 5000

/** @throws StartupError when no Docker daemon answers at the socket */
export async function requireDockerDaemon(socket: string): Promise<void> {
  const problem = await ping(socket).then(() => undefined, messageOf)
  if (problem === undefined) return
  throw new StartupError(
    `--runtime docker: no Docker daemon answers at ${socket} (${problem}): start it, or name its socket in CONTROLLER_DOCKER_SOCKET`,
  )
}

function ping(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/_ping', timeout: deadlineMs }, (answer) => {
      answer.resume()
      if (answer.statusCode === 200) resolve()
      else reject(new Error(`it answers ${answer.statusCode}`))
    })
    asked.on('timeout', () => asked.destroy(new Error(`not within ${deadlineMs / 1000} s`)))
    asked.on('error', reject).end()
  })
}
