import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadKubeConfig } from './config.ts'
import { callApi } from './transport.ts'

const apiVersion = 'client.authentication.k8s.io/v1'

let dir: string
let server: Server
/** The token that the API server takes now. */
let good = ''
let seen: string[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-exec-'))
  server = createServer((request, response) => {
    seen.push(request.headers.authorization ?? '')
    const ok = request.headers.authorization === `Bearer ${good}`
    response.writeHead(ok ? 200 : 401, { 'content-type': 'application/json' })
    response.end(ok ? '{}' : '{"kind":"Status","code":401,"reason":"Unauthorized"}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(dir, { recursive: true })
})

type Plugin = { folder: string; runs: () => Promise<number>; hand: (status: object) => Promise<void> }

/** A folder with a plugin, which prints the file `credential` and writes down that it ran and what it was told. */
async function makePlugin(): Promise<Plugin> {
  const folder = await mkdtemp(join(dir, 'plugin-'))
  await mkdir(join(folder, 'bin'))
  const path = join(folder, 'bin', 'plugin')
  const script = `#!/bin/sh\ncd ${folder}\necho run >> runs\nprintf %s "$KUBERNETES_EXEC_INFO" > info\nprintf %s "$EXTRA" > extra\ncat credential\n`
  await writeFile(path, script)
  await chmod(path, 0o755)
  const hand = (status: object) =>
    writeFile(join(folder, 'credential'), JSON.stringify({ apiVersion, kind: 'ExecCredential', status }))
  const runs = async () => (await readFile(join(folder, 'runs'), 'utf8').catch(() => '')).split('\n').length - 1
  return { folder, runs, hand }
}

async function configOf(folder: string, user: object, more: { cluster?: object; nowMs?: () => number } = {}) {
  const { port } = server.address() as { port: number }
  const path = join(folder, 'kubeconfig')
  await writeFile(
    path,
    JSON.stringify({
      'current-context': 'x',
      clusters: [{ name: 'x', cluster: { server: `http://127.0.0.1:${port}`, ...more.cluster } }],
      users: [{ name: 'x', user }],
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    }),
  )
  return loadKubeConfig(
    { path },
    { environment: process.env, isTerminal: false, ...(more.nowMs ? { nowMs: more.nowMs } : {}) },
  )
}

const exec = (more: object = {}) => ({ exec: { apiVersion, command: './bin/plugin', ...more } })
const get = { method: 'GET', path: '/version' } as const
const post = { method: 'POST', path: '/objects', body: {} } as const

describe('an exec plugin', () => {
  it('is found as seen from the folder of its kubeconfig', async () => {
    const plugin = await makePlugin()
    await plugin.hand({ token: 'made' })
    const { headers } = await (await configOf(plugin.folder, exec())).authorize()
    expect(headers).toEqual({ Authorization: 'Bearer made' })
  })

  it.each([get, post])('is run once more when a server no longer takes its token: $method', async (call) => {
    const plugin = await makePlugin()
    const config = await configOf(plugin.folder, exec())
    good = 'first'
    await plugin.hand({ token: 'first' })
    expect(await callApi(config, call, 5000)).toEqual({})
    good = 'rotated'
    await plugin.hand({ token: 'rotated' })
    seen = []
    expect(await callApi(config, call, 5000)).toEqual({})
    expect(seen).toEqual(['Bearer first', 'Bearer rotated'])
    expect(await callApi(config, call, 5000)).toEqual({})
    expect(await plugin.runs()).toBe(2)
  })

  it('is run once for all calls that wait for it, and once for all that are refused', async () => {
    const plugin = await makePlugin()
    const config = await configOf(plugin.folder, exec())
    const all = () => Promise.all(Array.from({ length: 20 }, () => callApi(config, get, 10_000)))
    good = 'one'
    await plugin.hand({ token: 'one' })
    await all()
    expect(await plugin.runs()).toBe(1)
    good = 'two'
    await plugin.hand({ token: 'two' })
    await all()
    expect(await plugin.runs()).toBe(2)
  })

  it('ends a call that is refused twice', async () => {
    const plugin = await makePlugin()
    good = 'another'
    await plugin.hand({ token: 'wrong' })
    seen = []
    await expect(callApi(await configOf(plugin.folder, exec()), get, 5000)).rejects.toMatchObject({ status: 401 })
    expect(seen).toHaveLength(2)
  })

  it('is run again once its credential has run out', async () => {
    const plugin = await makePlugin()
    let now = Date.parse('2026-11-21T10:00:00Z')
    const config = await configOf(plugin.folder, exec(), { nowMs: () => now })
    await plugin.hand({ token: 'short', expirationTimestamp: '2026-11-21T10:05:00Z' })
    await config.authorize()
    await config.authorize()
    expect(await plugin.runs()).toBe(1)
    now += 301_000
    await config.authorize()
    expect(await plugin.runs()).toBe(2)
  })

  it('is told of the cluster, where its kubeconfig wants that, and given its environment', async () => {
    const plugin = await makePlugin()
    await plugin.hand({ token: 'made' })
    const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'games' } }]
    const cluster = { 'certificate-authority-data': Buffer.from('PEM').toString('base64'), extensions }
    const env = [{ name: 'EXTRA', value: 'more' }]
    const config = await configOf(plugin.folder, exec({ provideClusterInfo: true, env }), { cluster })
    await config.authorize().catch(() => undefined)
    const info: unknown = JSON.parse(await readFile(join(plugin.folder, 'info'), 'utf8'))
    expect(info).toEqual({
      apiVersion,
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: {
          server: config.server,
          'certificate-authority-data': Buffer.from('PEM').toString('base64'),
          config: { audience: 'games' },
        },
      },
    })
    expect(await readFile(join(plugin.folder, 'extra'), 'utf8')).toBe('more')
  })

  it('is told of no cluster otherwise', async () => {
    const plugin = await makePlugin()
    await plugin.hand({ token: 'made' })
    await (await configOf(plugin.folder, exec())).authorize()
    const info: unknown = JSON.parse(await readFile(join(plugin.folder, 'info'), 'utf8'))
    expect(info).toEqual({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } })
  })

  it('may hand out a certificate', async () => {
    const plugin = await makePlugin()
    await plugin.hand({ clientCertificateData: 'nonsense', clientKeyData: 'nonsense' })
    const { headers } = await (await configOf(plugin.folder, exec())).authorize()
    expect(headers).toEqual({})
  })

  it.each([
    {
      what: 'is missing',
      more: { command: 'no-such-plugin', installHint: 'Get it with: brew install x' },
      said: /exec plugin "no-such-plugin": .*ENOENT.* Get it with: brew install x/,
    },
    {
      what: 'fails',
      more: { command: 'sh', args: ['-c', 'echo no session >&2; exit 3'] },
      said: /exec plugin "sh": it failed with exit code 3: no session/,
    },
    {
      what: 'prints nonsense',
      more: { command: 'echo', args: ['hello'] },
      said: /exec plugin "echo": it printed no ExecCredential/,
    },
    {
      what: 'speaks another version',
      more: {
        command: 'echo',
        args: ['{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"t"}}'],
      },
      said: /exec plugin "echo": it is configured for .*v1 and answered in .*v1beta1/,
    },
    {
      what: 'hands out nothing',
      more: { command: 'echo', args: [`{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{}}`] },
      said: /exec plugin "echo": it returned neither a token nor a certificate/,
    },
    {
      what: 'hands out half',
      more: {
        command: 'echo',
        args: [`{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"clientKeyData":"k"}}`],
      },
      said: /exec plugin "echo": it returned a certificate or a key, not both/,
    },
    {
      what: 'needs a terminal',
      more: { command: 'echo', interactiveMode: 'Always' },
      said: /exec plugin "echo": it needs a terminal/,
    },
  ])('that $what is named', async ({ more, said }) => {
    const config = await configOf(await mkdtemp(join(dir, 'bad-')), exec(more))
    await expect(config.authorize()).rejects.toThrow(said)
    await expect(callApi(config, get, 5000)).rejects.toMatchObject({
      reason: 'Unreachable',
      message: expect.stringMatching(said),
    })
  })

  it('that failed is run again by the next call', async () => {
    const plugin = await makePlugin()
    const config = await configOf(plugin.folder, exec())
    await expect(config.authorize()).rejects.toThrow('exec plugin')
    await plugin.hand({ token: 'made' })
    expect((await config.authorize()).headers).toEqual({ Authorization: 'Bearer made' })
  })

  it.each([
    { more: { command: '' }, said: /exec.command is missing/ },
    { more: { apiVersion: 'client.authentication.k8s.io/v1alpha1' }, said: /exec.apiVersion/ },
  ])('whose kubeconfig makes no sense is refused: $more', async ({ more, said }) => {
    await expect(configOf(await mkdtemp(join(dir, 'bad-')), exec(more))).rejects.toThrow(said)
  })
})

describe('a token file', () => {
  it('is read again when a server no longer takes its token', async () => {
    const folder = await mkdtemp(join(dir, 'token-'))
    await writeFile(join(folder, 'token'), 'old\n')
    const config = await configOf(folder, { tokenFile: 'token' })
    good = 'old'
    expect(await callApi(config, get, 5000)).toEqual({})
    good = 'new'
    await writeFile(join(folder, 'token'), 'new\n')
    expect(await callApi(config, post, 5000)).toEqual({})
  })

  it('that is as it was is no reason to ask for ever', async () => {
    const folder = await mkdtemp(join(dir, 'token-'))
    await writeFile(join(folder, 'token'), 'old\n')
    good = 'new'
    seen = []
    await expect(callApi(await configOf(folder, { tokenFile: 'token' }), get, 5000)).rejects.toMatchObject({
      status: 401,
    })
    expect(seen).toHaveLength(2)
  })
})
