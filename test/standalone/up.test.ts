import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runGalaxy } from '../support/command.ts'
import { type Platform, startPlatform } from '../support/platform.ts'

let platform: Platform

beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

/** Every HTTP listener, and a question that it answers without a credential. */
const listeners = [
  { name: 'kubeApi', path: '/version', status: 401 },
  { name: 'api', path: '/readyz', status: 200 },
  { name: 'push', path: '/', status: 404 },
  { name: 'apiMetrics', path: '/metrics', status: 200 },
  { name: 'controller', path: '/readyz', status: 200 },
  { name: 'controllerMetrics', path: '/metrics', status: 200 },
  { name: 'edgePublic', path: '/readyz', status: 200 },
  { name: 'edgeAuth', path: '/', status: 404 },
  { name: 'edgeAdmin', path: '/metrics', status: 200 },
  { name: 'mailbox', path: '/', status: 200 },
]

/** The Kubernetes API answers plain HTTP on its port, too. */
const plain = (url: unknown) => String(url).replace(/^https:/, 'http:')

const cli = (...args: string[]) => runGalaxy([...args, '--kubeconfig', platform.kubeconfig])

const version = (name: string, spec: object = {}) => ({
  apiVersion: 'galaxy.dev/v1',
  kind: 'EngineVersion',
  metadata: { name },
  spec: { version: '9.9.9', image: 'galaxy-engine:1.0.0', ...spec },
})

function manifest(...documents: object[]): string {
  return documents.map((document) => JSON.stringify(document)).join('\n---\n')
}

const apply = (input: string, ...args: string[]) =>
  runGalaxy(['apply', '-f', '-', '--kubeconfig', platform.kubeconfig, ...args], { input })

describe('a platform that is ready', () => {
  it('says where everything is', async () => {
    const { child, dir, endpoints } = platform
    expect(endpoints).toEqual({
      ready: true,
      pid: child.pid,
      ...Object.fromEntries(listeners.map(({ name }) => [name, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)])),
      kubeApi: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      smtp: expect.stringMatching(/^smtp:\/\/127\.0\.0\.1:\d+$/),
      kubeconfig: join(dir, 'kubeconfig'),
      serviceTokenFile: join(dir, 'keys', 'service-token'),
      adminPasswordFile: join(dir, 'keys', 'admin-password'),
    })
  })

  it.each(listeners)('answers at $name', async ({ name, path, status }) => {
    const response = await fetch(`${plain(platform.endpoints[name])}${path}`)
    expect(response.status).toBe(status)
  })

  it('takes mail', async () => {
    const socket = connect(Number(new URL(String(platform.endpoints['smtp'])).port), '127.0.0.1')
    const [greeting] = await once(socket, 'data')
    socket.destroy()
    expect(String(greeting)).toMatch(/^220 /)
  })

  it('greets with what to do next', async () => {
    await expect.poll(() => platform.output(), { timeout: 20_000 }).toContain('Galaxy is ready.')
    expect(platform.output()).toContain(`export KUBECONFIG=${platform.dir}/kubeconfig`)
    expect(platform.output()).toContain('starting Postgres…')
  })

  it('lets nobody in without a token, and keeps the tokens to its own account', async () => {
    const games = `${plain(platform.endpoints.kubeApi)}/apis/galaxy.dev/v1/games`
    expect((await fetch(games)).status).toBe(401)
    expect((await fetch(games, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    for (const file of ['kubeconfig', 'keys/admin-token', 'keys/service-token', 'keys/controller.kubeconfig'])
      expect((await stat(join(platform.dir, file))).mode & 0o777, file).toBe(0o600)
  })

  it('is understood by kubectl', async () => {
    const args = ['get', 'engineversions', '-o', 'name', '--kubeconfig', platform.kubeconfig]
    const { stdout } = await promisify(execFile)('kubectl', args)
    expect(stdout).toContain('engineversion.galaxy.dev/galaxy-engine-1.0.0\n')
  })

  it('measures under the names that dashboards know', async () => {
    const metrics = await (await fetch(`${String(platform.endpoints['controllerMetrics'])}/metrics`)).text()
    expect(metrics).toContain('controller_runtime_reconcile_total')
  })

  it('keeps its data directory to itself', async () => {
    const { code, stderr } = await runGalaxy(['up', '--data-dir', platform.dir, '--ports', 'random'])
    expect(code).toBe(1)
    expect(stderr).toContain(`is in use by another galaxy (process ${platform.child.pid})`)
    expect(JSON.parse(await readFile(join(platform.dir, 'endpoints.json'), 'utf8'))).toMatchObject({ ready: true })
  })

  it('is found in order by the doctor', async () => {
    const { code, stdout } = await runGalaxy(['doctor', '--data-dir', platform.dir, '--ports', 'random'])
    expect(stdout).toContain(`in use by process ${platform.child.pid}`)
    expect(stdout).toContain(`${new URL(platform.endpoints.kubeApi).host} answers`)
    for (const part of ['api', 'controller', 'edge'])
      expect(stdout).toMatch(new RegExp(`^ok +${part}: .* is ready$`, 'm'))
    expect({ code, failed: stdout.match(/^fail.*$/m)?.[0] }).toEqual({ code: 0, failed: undefined })
  })
})

describe('galaxy get', () => {
  it('prints the table of the server', async () => {
    const { code, stdout } = await cli('get', 'engineversions')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^NAME +VERSION/)
    expect(stdout).toContain('galaxy-engine-1.0.0   1.0.0')
  })

  it.each([
    { format: 'yaml', said: 'apiVersion: galaxy.dev/v1\nkind: EngineVersion\nmetadata:' },
    { format: 'json', said: '{\n    "apiVersion": "galaxy.dev/v1",\n    "kind": "EngineVersion",' },
  ])('prints one object as $format', async ({ format, said }) => {
    const { code, stdout } = await cli('get', 'engineversions.galaxy.dev', 'galaxy-engine-1.0.0', '-o', format)
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(said) })
    expect(stdout).not.toContain('managedFields')
  })

  it('says that there is nothing', async () => {
    const { code, stdout, stderr } = await cli('get', 'games', '-n', 'galaxy-system')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('No resources found in galaxy-system namespace.')
  })

  it.each([
    { what: 'a kind that the server does not know', args: ['ships'], said: 'no kind "ships"' },
    { what: 'an object that is not there', args: ['games', 'none'], said: 'games.galaxy.dev "none" not found' },
  ])('fails for $what', async ({ args, said }) => {
    const { code, stderr } = await cli('get', ...args)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(said) })
  })
})

describe('galaxy apply and delete', () => {
  it('make an object, change it and remove it', async () => {
    const name = 'made-by-cli'
    const title = `engineversion.galaxy.dev/${name} serverside-applied\n`
    expect(await apply(manifest(version(name)))).toEqual({ code: 0, stdout: title, stderr: '' })
    expect(await apply(manifest(version(name, { disabled: true })))).toEqual({ code: 0, stdout: title, stderr: '' })
    expect((await cli('get', 'engineversions', name, '-o', 'yaml')).stdout).toContain('disabled: true')
    const removed = await cli('delete', 'engineversions', name)
    expect(removed).toEqual({ code: 0, stdout: `engineversion.galaxy.dev "${name}" deleted\n`, stderr: '' })
    expect((await cli('get', 'engineversions', name)).code).toBe(1)
  })

  it('go on after a bad object, and name its field', async () => {
    const bad = version('bad', { version: 'nine', imgae: 'x' })
    const { code, stdout, stderr } = await apply(manifest(bad, version('good')))
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'engineversion.galaxy.dev/good serverside-applied\n' })
    expect(stderr).toMatch(/imgae/)
    await expect(cli('delete', 'engineversions', 'missing', 'good')).resolves.toEqual({
      code: 1,
      stdout: 'engineversion.galaxy.dev "good" deleted\n',
      stderr: expect.stringContaining('"missing" not found'),
    })
  })

  it('tell of a conflict with another manager, and take over when told to', async () => {
    const contested = version('contested', { disabled: false })
    await apply(manifest(contested))
    const path = `${plain(platform.endpoints.kubeApi)}/apis/galaxy.dev/v1/namespaces/default/engineversions/contested`
    const token = (await readFile(join(platform.dir, 'keys', 'admin-token'), 'utf8')).trim()
    await fetch(`${path}?fieldManager=someone&force=true`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify(version('contested', { disabled: true })),
    })
    const refused = await apply(manifest(contested))
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('conflict'),
    })
    expect(await apply(manifest(contested), '--force-conflicts')).toMatchObject({ code: 0 })
  })

  it('refuse another image for a version that is there', async () => {
    await apply(manifest(version('kept')))
    const { code, stderr } = await apply(manifest(version('kept', { image: 'galaxy-engine:2' })))
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/spec\.image: .*cannot be changed; make another EngineVersion/),
    })
  })

  it('take files and what is in them', async () => {
    const file = join(platform.dir, '..', `${platform.child.pid}-manifests.yaml`)
    await writeFile(file, manifest(version('from-file')))
    expect(await cli('apply', '-f', file)).toMatchObject({ code: 0 })
    expect(await cli('delete', '-f', file)).toMatchObject({ code: 0, stdout: expect.stringContaining('deleted') })
  })
})
