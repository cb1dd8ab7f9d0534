import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runGalaxy } from '../support/command.ts'

let dir = ''

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-refusals-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const up = (args: readonly string[] = []) => runGalaxy(['up', '--data-dir', dir, '--ports', 'random', ...args])

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(dir, path, '..'), { recursive: true })
    await writeFile(join(dir, path), content)
  }
}

describe('galaxy up', () => {
  it.each([
    { what: 'files of somebody else', files: { 'thesis.txt': '' }, said: 'choose another --data-dir' },
    { what: 'an unknown layout', files: { version: '9\n' }, said: 'layout 9' },
    { what: 'a damaged version', files: { version: '' }, said: 'version is damaged' },
    { what: 'a damaged key', files: { version: '1\n', 'keys/admin-token': 'x' }, said: 'admin-token is damaged' },
    {
      what: 'a damaged database',
      files: { version: '1\n', 'postgres/password': 'x', 'postgres/data/x': '' },
      said: 'is no Postgres database',
    },
    {
      what: 'a damaged certificate',
      files: { version: '1\n', 'keys/kube-api.pem': 'x' },
      said: 'kube-api.pem is damaged',
    },
  ])('refuses a data directory with $what in one line, and leaves it as it is', async ({ files, said }) => {
    await write(files)
    const { code, stdout, stderr } = await up()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const refusals = stderr.split('\n').filter((line) => line.startsWith('galaxy: '))
    expect(refusals).toEqual([expect.stringContaining(said)])
    expect(stderr).not.toContain('    at ')
    expect(await readdir(dir, { recursive: true })).toEqual(expect.arrayContaining(Object.keys(files)))
  })

  it('refuses a wrong log level before anything is made', async () => {
    const { code, stderr } = await runGalaxy(['up', '--data-dir', dir], { env: { GALAXY_LOG_LEVEL: 'loud' } })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('setting GALAXY_LOG_LEVEL') })
    expect(await readdir(dir)).toEqual([])
  })

  it('refuses wrong settings of a part, one line for each, before anything is started', async () => {
    const env = { CONTROLLER_WORKERS: 'many', CONTROLLER_TURN_TIMEOUT: '-1s' }
    const { code, stderr } = await runGalaxy(['up', '--data-dir', dir, '--ports', 'random'], { env })
    expect(code).toBe(1)
    expect(stderr).not.toContain('starting')
    expect(stderr.match(/^galaxy: setting CONTROLLER_(WORKERS|TURN_TIMEOUT): /gm)).toHaveLength(2)
  })

  it('has the doctor say that the data directory is a file, and go on with its other checks', async () => {
    const file = join(dir, 'file')
    await writeFile(file, '')
    const { stdout, stderr } = await runGalaxy(['doctor', '--data-dir', file, '--ports', 'random'])
    expect(stdout).toMatch(/^fail +data directory: /m)
    expect(stdout).toMatch(/kubectl/)
    expect(stderr).not.toContain('    at ')
  })

  it('refuses to run engines in Docker without a daemon, before anything is started', async () => {
    const env = { CONTROLLER_DOCKER_SOCKET: join(dir, 'docker.sock') }
    const args = ['up', '--data-dir', join(dir, 'data'), '--ports', 'random', '--runtime', 'docker']
    const { code, stderr } = await runGalaxy(args, { env })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`no Docker daemon answers at ${dir}`) })
    expect(stderr).not.toContain('starting')
  })

  it('refuses to run engines in Docker without their image, and says how to build it before anything is started', async () => {
    const socket = join(dir, 'docker.sock')
    const daemon = createHttpServer(({ url }, response) => response.writeHead(url === '/_ping' ? 200 : 404).end('{}'))
    await new Promise<void>((resolve) => daemon.listen(socket, resolve))
    const env = { CONTROLLER_DOCKER_SOCKET: socket }
    const args = ['--data-dir', join(dir, 'data'), '--ports', 'random', '--runtime', 'docker']
    const { code, stderr } = await runGalaxy(['up', ...args], { env })
    const build = `DOCKER_HOST=unix://${socket} docker build --tag galaxy-engine:1.0.0 /`
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(build) })
    expect(stderr).not.toContain('starting')
    expect((await runGalaxy(['doctor', ...args], { env })).stdout).toMatch(
      /^fail +Docker: .*no image galaxy-engine:1\.0\.0/m,
    )
    daemon.close()
  })

  it('says that DOCKER_HOST is not read where it names the daemon', async () => {
    const env = { CONTROLLER_DOCKER_SOCKET: join(dir, 'docker.sock'), DOCKER_HOST: 'unix:///run/user/1000/docker.sock' }
    const args = ['up', '--data-dir', join(dir, 'data'), '--ports', 'random', '--runtime', 'docker']
    const { stderr } = await runGalaxy(args, { env })
    expect(stderr).toContain('DOCKER_HOST is not read; it names /run/user/1000/docker.sock')
  })

  it('refuses the usual ports while somebody else has one, naming it', async () => {
    const server = createServer()
    // Another test, or a platform of the developer's, may have it: then it is taken all the same.
    await new Promise((resolve) => server.once('error', resolve).listen(8086, '127.0.0.1', () => resolve(undefined)))
    const { code, stderr } = await runGalaxy(['up', '--data-dir', dir])
    server.close()
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('port 8086 of the Kubernetes API') })
    expect(stderr).toContain('use --ports random')
  })
})
