import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runGalaxy } from '../support/command.ts'

describe('wrong usage', () => {
  it.each([
    { what: 'no subcommand', args: [], said: 'Usage: galaxy' },
    { what: 'an unknown subcommand', args: ['conquer'], said: "unknown command 'conquer'" },
    { what: 'an unknown flag', args: ['up', '--fast'], said: "unknown option '--fast'" },
    { what: 'a bad flag value', args: ['up', '--ports', 'odd'], said: "argument 'odd' is invalid" },
    { what: 'an unknown part', args: ['up', '--without', 'luck'], said: "argument 'luck' is invalid" },
    { what: 'a stray argument', args: ['up', 'now'], said: 'too many arguments' },
    { what: 'a missing argument', args: ['get'], said: "missing required argument 'kind'" },
    { what: 'a missing flag', args: ['apply'], said: "required option '-f, --filename <file>'" },
    { what: 'nothing to delete', args: ['delete', 'games'], said: 'give either a kind and names, or -f' },
    { what: 'a name and all namespaces', args: ['get', 'games', 'x', '-A'], said: 'exclude one another' },
  ])('with $what exits 2 and says so', async ({ args, said }) => {
    const { code, stdout, stderr } = await runGalaxy(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(said)
  })
})

describe('help', () => {
  it.each([
    'up',
    'apply',
    'get',
    'delete',
    'doctor',
    'api',
    'controller',
    'edge',
    'engine',
    'migrate',
    'play',
    'version',
  ])('is there for %s', async (name) => {
    const { code, stdout } = await runGalaxy([name, '--help'])
    expect({ code, usage: stdout.includes(`Usage: galaxy ${name}`) }).toEqual({ code: 0, usage: true })
  })
})

describe('the version', () => {
  it.each(['version', '--version', '-V'])('is printed by %s', async (argument) => {
    const { code, stdout, stderr } = await runGalaxy([argument])
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^galaxy \d+\.\d+\.\d+ .*\n$/),
      stderr: '',
    })
  })
})

describe('a failure', () => {
  it.each([
    { what: 'a missing kubeconfig', args: ['get', 'games', '--kubeconfig', '/none'], said: 'kubeconfig /none' },
    { what: 'a missing file', args: ['apply', '-f', '/none.yaml'], said: '/none.yaml: ENOENT' },
    { what: 'a missing setting', args: ['migrate'], said: 'setting BACKEND_DATABASE_URL: is needed' },
    { what: 'a bad setting', args: ['migrate', '--database-url', 'x'], said: 'must be an address such as postgres://' },
    { what: 'no database', args: ['migrate', '--database-url', 'postgres://a:b@127.0.0.1:1/x'], said: 'ECONNREFUSED' },
    { what: 'a controller without settings', args: ['controller'], said: 'setting CONTROLLER_' },
    { what: 'an api without settings', args: ['api'], said: 'setting BACKEND_CODE_PEPPER_FILE: is needed' },
    { what: 'an edge without settings', args: ['edge'], said: 'setting GATEWAY_REDIS_URL: is needed' },
    { what: 'nobody to play with', args: ['play', '--data-dir', '/none'], said: 'no platform is ready in /none' },
  ])('by $what exits 1 with a line that says so, without a stack', async ({ args, said }) => {
    const { code, stdout, stderr } = await runGalaxy(args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^galaxy: /)
    expect(stderr).toContain(said)
    expect(stderr).not.toContain('    at ')
  })

  it('by a file that is no YAML names the place', async () => {
    const { code, stderr } = await runGalaxy(['apply', '-f', '-'], { input: 'a: 1\n  b: 2\n' })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^galaxy: standard input: .* at line \d+, column \d+$/m),
    })
  })

  it('by a server that is not there says how to start one', async () => {
    const input = 'apiVersion: v1\nclusters: [{ name: c, cluster: { server: "http://127.0.0.1:1" } }]\n'
    const rest = 'users: [{ name: u, user: { token: t } }]\ncontexts: [{ name: x, context: { cluster: c, user: u } }]\n'
    const dir = await mkdtemp(join(tmpdir(), 'galaxy-usage-'))
    await writeFile(`${dir}/config`, `${input}${rest}current-context: x\n`)
    const { code, stderr } = await runGalaxy(['get', 'games'], { env: { KUBECONFIG: `${dir}/config` } })
    await rm(dir, { recursive: true })
    expect(code).toBe(1)
    expect(stderr).toContain("'galaxy up' starts one")
  })
})

describe('the doctor', () => {
  it('asks what the settings name, and says what does not answer, without its password', async () => {
    const env = {
      BACKEND_DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/galaxy',
      BACKEND_SMTP_URL: 'smtp://127.0.0.1:1',
      GATEWAY_REDIS_URL: 'redis://127.0.0.1:1',
    }
    const { code, stdout } = await runGalaxy(['doctor', '--ports', 'random', '--data-dir', '/tmp/galaxy-none'], { env })
    expect(code).toBe(1)
    expect(stdout).toContain('fail  database: BACKEND_DATABASE_URL: postgres://127.0.0.1:1/galaxy: ')
    expect(stdout).toContain('fail  SMTP: BACKEND_SMTP_URL: smtp://127.0.0.1:1: ')
    expect(stdout).toContain('fail  Redis: setting GATEWAY_REDIS_URL: ')
    expect(stdout).not.toContain('secret')
  })
})

describe('the version', () => {
  it('is printed with that of Node.js', async () => {
    const { code, stdout } = await runGalaxy(['version'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^galaxy \d+\.\d+\.\d+ \(Node\.js v24/) })
  })
})
