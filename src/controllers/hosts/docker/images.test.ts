import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { silentLog } from '../../../platform/log.ts'
import { connectDaemon } from './daemon.ts'
import { pullImage } from './images.ts'

/** A daemon without images, that says this of each pull, as a line of its progress or as the answer. */
async function daemonThatSays(said: { line: string } | { status: number; message: string }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-daemon-'))
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.method === 'GET') return response.writeHead(404).end('{"message":"No such image"}')
    if ('line' in said) return response.end(`${JSON.stringify({ error: said.line })}\n`)
    return response.writeHead(said.status).end(JSON.stringify({ message: said.message }))
  })
  const socket = join(dir, 'docker.sock')
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  onTestFinished(async () => {
    server.close()
    await rm(dir, { recursive: true, force: true })
  })
  return socket
}

describe('a pull that fails', () => {
  it.each([
    { how: 'while it runs', said: { line: 'dial tcp: lookup registry-1.docker.io: no such host' } },
    { how: 'at once', said: { status: 500, message: 'dial tcp: lookup registry-1.docker.io: no such host' } },
  ])('$how names the image, its registry, the reason and what to do', async ({ said }) => {
    const daemon = await connectDaemon(await daemonThatSays(said))
    const options = { signal: AbortSignal.timeout(10_000), credentials: undefined, idleMs: 5000, log: silentLog }
    await expect(pullImage(daemon, 'galaxy-engine:1.0.0', options)).rejects.toMatchObject({
      failure: 'ImageUnavailable',
      message: expect.stringMatching(
        /^image galaxy-engine:1\.0\.0 cannot be pulled from docker\.io .*: dial tcp: .*no such host; .*docker build/,
      ),
    })
  })
})
