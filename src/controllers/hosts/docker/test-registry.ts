import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type Docker from 'dockerode'
import { linesOf } from './lines.ts'
import { testImages } from './test-daemon.ts'
import { openNarrows } from './test-narrows.ts'

const run = promisify(execFile)
const findProgram = fileURLToPath(new URL('../../../../scripts/cluster/registry.sh', import.meta.url))
const account = { username: 'galaxy', password: 'registry-password' }
/** The registry takes passwords hashed by bcrypt only. */
const htpasswd = 'galaxy:$2y$04$abcdefghijklmnopqrstuuvMfIFKvu0UMo4ROgipiW53f9qa5YK3q\n'

/** A real registry on the loopback, which lets in nobody without the password. */
export type TestRegistry = AsyncDisposable & {
  /** Puts an image there that the daemon has not got, with so many bytes that cannot be compressed. */
  push: (repository: string, bytes?: number) => Promise<string>
  /** The name of an image in it, whether or not there is one. */
  nameOf: (repository: string) => string
  /** Path of a Docker configuration with this password for it, or the right one. */
  configuration: (password?: string) => Promise<string>
  /** Lets so many bytes more out, and then holds back the rest. */
  hold: (afterBytes: number) => void
  release: () => void
  /** Breaks off what it is sending, and is not there any more. */
  die: () => Promise<void>
}

export async function openTestRegistry(docker: Docker): Promise<TestRegistry> {
  await using stack = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-registry-'))
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const { port, end } = await serve(dir)
  stack.defer(end)
  const narrows = stack.use(await openNarrows(port))
  const serveraddress = `127.0.0.1:${narrows.port}`
  const nameOf = (repository: string) => `${serveraddress}/${repository}:1`
  const { hold, release, die } = narrows
  const made = stack.move()
  return { push, nameOf, configuration, hold, release, die, [Symbol.asyncDispose]: () => made.disposeAsync() }

  async function push(repository: string, bytes = 1000): Promise<string> {
    const content = `require('fs').writeFileSync('/content', require('crypto').randomBytes(${bytes}))`
    const source = await docker.createContainer({ Image: testImages.idle, Entrypoint: ['node', '-e', content] })
    await source.start()
    await source.wait()
    await source.commit({ repo: `${serveraddress}/${repository}`, tag: '1' })
    await source.remove()
    const image = docker.getImage(nameOf(repository))
    for await (const line of linesOf(await image.push({ authconfig: { ...account, serveraddress } })))
      if (line.includes('"error"')) throw new Error(line)
    await image.remove()
    return nameOf(repository)
  }

  async function configuration(password = account.password): Promise<string> {
    const path = join(dir, `${crypto.randomUUID()}.json`)
    const auth = Buffer.from(`${account.username}:${password}`).toString('base64')
    await writeFile(path, JSON.stringify({ auths: { [serveraddress]: { auth } } }))
    return path
  }
}

/** Starts it at a port of its own choice. */
async function serve(dir: string): Promise<{ port: number; end: () => Promise<void> }> {
  const file = join(dir, 'config.yml')
  const auth = { htpasswd: { realm: 'galaxy', path: join(dir, 'htpasswd') } }
  const storage = { filesystem: { rootdirectory: join(dir, 'data') } }
  await writeFile(auth.htpasswd.path, htpasswd)
  // YAML is a superset of JSON.
  await writeFile(file, JSON.stringify({ version: 0.1, storage, auth, http: { addr: '127.0.0.1:0' } }))
  const child = spawn((await run(findProgram)).stdout.trim(), ['serve', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  const end = async () => {
    child.kill('SIGKILL')
    await ended
  }
  for await (const line of createInterface({ input: child.stderr })) {
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port === undefined) continue
    child.stderr.resume()
    return { port: Number(port), end }
  }
  throw new Error(`the registry ended with ${child.exitCode}`)
}
