import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runGalaxy } from '../support/command.ts'
import { startPlatform } from '../support/platform.ts'
import { createTestDatabase } from '../support/database.ts'

/** A proxy that answers everything itself: what comes here never reaches where it should. */
async function startProxy() {
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    response.writeHead(502).end('the proxy cannot reach that')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return { url, asked: () => asked, [Symbol.dispose]: () => void server.close() }
}

/** What shells, CI systems and version managers export, each of which some library or program would act on. */
const databases = {
  PGHOST: 'db.example.com',
  PGPORT: '1',
  PGUSER: 'somebody',
  PGPASSWORD: 'else',
  PGDATABASE: 'theirs',
  PGSERVICE: 'none',
  PGDATA: '/nonexistent',
  PGTZ: 'Mars/Olympus',
  PGCLIENTENCODING: 'EUC_JP',
  PGDATESTYLE: 'nonsense',
  PGAPPNAME: 'x',
  PGSSLMODE: 'require',
  PGOPTIONS: '-c search_path=mine',
  PGCONNECT_TIMEOUT: 'soon',
  NODE_PG_FORCE_NATIVE: '1',
}

const everythingElse = {
  LANG: 'tlh_QO.UTF-8',
  LC_ALL: 'tlh_QO.UTF-8',
  TZ: 'Asia/Kathmandu',
  NODE_ENV: 'test',
  NODE_EXTRA_CA_CERTS: '/nonexistent/ca.pem',
  SSL_CERT_FILE: '/nonexistent/ca.pem',
  LD_LIBRARY_PATH: '/nonexistent',
  TMPDIR: '/nonexistent',
  KUBECONFIG: '/nonexistent/kubeconfig',
  KUBERNETES_SERVICE_HOST: '192.0.2.1',
  KUBERNETES_SERVICE_PORT: '1',
  DOCKER_HOST: 'tcp://192.0.2.1:1',
  DOCKER_CONTEXT: 'none',
  DOCKER_TLS_VERIFY: '1',
  OTEL_TRACES_EXPORTER: 'nonsense',
  OTEL_METRICS_EXPORTER: 'nonsense',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'nonsense',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'nonsense',
  OTEL_RESOURCE_ATTRIBUTES: 'nonsense',
  OTEL_PROPAGATORS: 'nonsense',
  OTEL_TRACES_SAMPLER: 'nonsense',
  DATABASE_URL: 'postgres://db.example.com/x',
}

describe('galaxy up', () => {
  it('is ready and plays a turn whatever the environment of its user says', async () => {
    using proxy = await startProxy()
    const proxies = Object.fromEntries(
      ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'].map((name) => [
        name,
        proxy.url,
      ]),
    )
    const env = { ...databases, ...everythingElse, ...proxies, NODE_USE_ENV_PROXY: '1', NO_PROXY: 'example.com' }
    await using platform = await startPlatform({ args: ['--apply', 'examples/quickstart.yaml'], env })
    const get = ['get', 'game', 'quickstart', '-o', 'json', '--kubeconfig', platform.kubeconfig]
    await expect
      .poll(async () => JSON.parse((await runGalaxy(get, { env })).stdout || '{}'), { timeout: 100_000 })
      .toMatchObject({ status: { turn: { number: expect.any(Number) }, phase: 'Running' } })
    const doctor = await runGalaxy(['doctor', '--data-dir', platform.dir, '--ports', 'random'], { env })
    expect(doctor.stdout.match(/^fail.*$/m)?.[0]).toBeUndefined()
    expect(doctor.stdout).toContain('the api: ')
    expect(proxy.asked()).toBe(0)
  })

  it('is ready under an umask that would take its files from itself, and without HOME', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'galaxy-umask-'))
    const before = process.umask(0o777)
    const starting = startPlatform({ dir: join(dir, 'data'), env: { HOME: '' } })
    process.umask(before)
    await using platform = await starting
    expect(platform.endpoints.ready).toBe(true)
    await platform[Symbol.asyncDispose]()
    await rm(dir, { recursive: true, force: true })
  })
})

describe('galaxy migrate', () => {
  it('takes nothing from the PG* variables that its URL does not say, and says so', async () => {
    await using database = await createTestDatabase()
    const { code, stderr } = await runGalaxy(['migrate', '--database-url', database.url], { env: databases })
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('PGSSLMODE') })
  })
})

describe('galaxy', () => {
  it('says what is wrong with NODE_OPTIONS instead of calling Node.js too old', async () => {
    const { code, stderr } = await runGalaxy(['version'], { env: { NODE_OPTIONS: '--no-such-flag' } })
    expect(code).not.toBe(0)
    expect(stderr).toContain('--no-such-flag')
    expect(stderr).not.toContain('was not found')
  })
})
