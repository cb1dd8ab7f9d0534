import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StartupError } from '../errors.ts'
import { loadKubeConfig } from './config.ts'
import { kubeconfigText } from './fake-api.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-config-'))
})
afterAll(() => rm(dir, { recursive: true }))

async function fileWith(text: string): Promise<string> {
  const path = join(dir, `config-${Math.random()}`)
  await writeFile(path, text)
  return path
}

/** The text of a kubeconfig whose one context leads to these. */
function contextOf({ name = 'test', cluster = {}, user = {} }: { name?: string; cluster?: object; user?: object }) {
  return JSON.stringify({
    'current-context': name,
    clusters: [{ name, cluster: { server: 'http://127.0.0.1:8086', ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `of-${name}` } }],
  })
}

async function headersFor(user: object): Promise<Record<string, string>> {
  const { headers } = await loadKubeConfig({ path: await fileWith(contextOf({ user })) }).authorize()
  return headers
}

describe('a kubeconfig', () => {
  it('says where the server is', async () => {
    const config = loadKubeConfig({ path: await fileWith(kubeconfigText('http://127.0.0.1:8086/')) })
    expect([config.server, config.namespace]).toEqual(['http://127.0.0.1:8086', undefined])
  })

  it('that is missing is named', () => {
    const path = join(dir, 'nowhere')
    expect(() => loadKubeConfig({ path })).toThrow(StartupError)
    expect(() => loadKubeConfig({ path })).toThrow(new RegExp(`kubeconfig ${path}: ENOENT`))
  })

  it.each([
    { what: 'no YAML', text: '{', said: /kubeconfig .*config-.*: / },
    { what: 'empty', text: '', said: /kubeconfig .*config-.*: / },
    { what: 'without a current context', text: 'clusters: []', said: /no cluster for its current context/ },
    {
      what: 'without a server',
      text: 'clusters: [{ name: x, cluster: {} }]',
      said: /clusters\[0\].cluster.server is missing/,
    },
    { what: 'of a server that is no URL', text: kubeconfigText('nonsense'), said: /"nonsense" is no URL/ },
    {
      what: 'that would tell a token to everybody',
      text: kubeconfigText('http://192.0.2.1'),
      said: /not reached over TLS/,
    },
    { what: 'with SOCKS', text: contextOf({ cluster: { 'proxy-url': 'socks5://127.0.0.1:1' } }), said: /SOCKS/ },
    {
      what: 'with a file that is not there',
      text: contextOf({ user: { tokenFile: 'nowhere' } }),
      said: /ENOENT.*nowhere/,
    },
    {
      what: 'with a way to authenticate that nobody knows',
      text: contextOf({ user: { 'auth-provider': { name: 'magic' } } }),
      said: /auth-provider "magic" is not supported/,
    },
  ])('that is $what is named in one line', async ({ text, said }) => {
    const path = await fileWith(text)
    expect(() => loadKubeConfig({ path })).toThrow(said)
    expect(() => loadKubeConfig({ path })).toThrow(/^[^\n]*$/)
  })

  it('may be told which of its contexts counts', async () => {
    const one = JSON.parse(contextOf({ name: 'one' }))
    const two = JSON.parse(contextOf({ name: 'two', cluster: { server: 'https://two.example' } }))
    const merged = Object.fromEntries(Object.keys(one).map((key) => [key, [one[key], two[key]].flat()]))
    const path = await fileWith(JSON.stringify({ ...merged, 'current-context': 'one' }))
    expect(loadKubeConfig({ path }).namespace).toBe('of-one')
    expect(loadKubeConfig({ path, context: 'two' })).toMatchObject({
      server: 'https://two.example',
      namespace: 'of-two',
    })
    expect(() => loadKubeConfig({ path, context: 'three' })).toThrow(/no cluster for its current context "three"/)
  })

  it.each([
    { what: 'a token', user: { token: 'secret' }, headers: { Authorization: 'Bearer secret' } },
    { what: 'a name and a password', user: { username: 'a', password: 'b' }, headers: { Authorization: 'Basic YTpi' } },
    {
      what: 'another name',
      user: { token: 'secret', as: 'other' },
      headers: { Authorization: 'Bearer secret', 'Impersonate-User': 'other' },
    },
    { what: 'nothing', user: {}, headers: {} },
  ])('brings $what to each call', async ({ user, headers }) => {
    expect(await headersFor(user)).toEqual(headers)
  })

  it('names files as seen from its own folder', async () => {
    await writeFile(join(dir, 'token'), 'from a file\n')
    expect(await headersFor({ tokenFile: 'token' })).toEqual({ Authorization: 'Bearer from a file' })
  })

  it('brings what a program hands out', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'made' },
    }
    const args = ['-e', `console.log(${JSON.stringify(JSON.stringify(credential))})`]
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args }
    expect(await headersFor({ exec })).toEqual({ Authorization: 'Bearer made' })
  })

  it('brings the token of an OpenID Connect provider while it holds', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const token = `${part({ alg: 'none' })}.${part({ exp: Date.now() / 1000 + 3600 })}.signed`
    const provider = { name: 'oidc', config: { 'id-token': token } }
    expect(await headersFor({ 'auth-provider': provider })).toEqual({ Authorization: `Bearer ${token}` })
  })
})

describe('without a kubeconfig that is named', () => {
  it('the files of KUBECONFIG are merged: the first counts, and what is not there is passed over', async () => {
    const paths = [
      join(dir, 'nowhere'),
      await fileWith('current-context: b'),
      await fileWith(contextOf({ name: 'a' })),
      await fileWith(contextOf({ name: 'b' })),
      await fileWith(contextOf({ name: 'b', cluster: { server: 'https://later.example' } })),
    ]
    const config = loadKubeConfig({ default: true }, { environment: { KUBECONFIG: paths.join(delimiter) } })
    expect([config.namespace, config.server]).toEqual(['of-b', 'http://127.0.0.1:8086'])
  })

  it('the one at home counts before the service account, and that before this machine', async () => {
    const home = await mkdtemp(join(dir, 'home-'))
    const serviceAccount = await serviceAccountIn(home)
    const environment = { HOME: home, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
    const found = (known: typeof serviceAccount) =>
      loadKubeConfig({ default: true }, { environment, serviceAccount: known }).server
    expect(found(join(home, 'nowhere'))).toBe('http://localhost:8080')
    expect(found(serviceAccount)).toBe('https://[fd00::1]:443')
    await mkdir(join(home, '.kube'))
    await writeFile(join(home, '.kube', 'config'), contextOf({ name: 'home' }))
    expect(found(serviceAccount)).toBe('http://127.0.0.1:8086')
  })
})

async function serviceAccountIn(parent: string): Promise<string> {
  const folder = await mkdtemp(join(parent, 'account-'))
  for (const name of ['token', 'ca.crt', 'namespace']) await writeFile(join(folder, name), `${name} of the account\n`)
  return folder
}

describe('a pod', () => {
  it('is known by its service account', async () => {
    const environment = { KUBERNETES_SERVICE_HOST: '192.0.2.1', KUBERNETES_SERVICE_PORT: '6443' }
    const serviceAccount = await serviceAccountIn(dir)
    const config = loadKubeConfig({ inCluster: true }, { environment, serviceAccount })
    expect([config.server, config.namespace]).toEqual(['https://192.0.2.1:6443', 'namespace of the account'])
    expect((await config.authorize()).headers).toEqual({ Authorization: 'Bearer token of the account' })
  })

  it('is refused outside of one', () => {
    expect(() => loadKubeConfig({ inCluster: true }, { environment: {} })).toThrow(
      /in-cluster configuration: KUBERNETES_SERVICE_HOST/,
    )
  })
})

it("none of the library's generated classes are loaded with the client", async () => {
  const program = `
    const loaded = []
    const load = (url, context, next) => (loaded.push(url), next(url, context))
    require('node:module').registerHooks({ load })
    import(${JSON.stringify(fileURLToPath(new URL('client.ts', import.meta.url)))}).then(() => console.log(loaded.join('\\n')))`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program])
  expect(stdout).toContain('/platform/kubernetes/config.ts')
  expect(stdout).not.toContain('client-node')
})
