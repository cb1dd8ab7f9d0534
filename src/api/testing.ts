import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answer, listOf, kubeconfigText, startFakeApi } from '../platform/kubernetes/fake-api.ts'
import { readApiSettings } from './settings.ts'

/** For tests of the process: what it needs around it, apart from Postgres. */
export const serviceToken = 'a service token'

/** A Kubernetes API that knows these games, once it is told to answer. */
export async function startGamesApi(games: readonly object[]) {
  let awake = true
  const api = await startFakeApi(({ query, path }, response) => {
    if (!awake) return answer(response, 503, { kind: 'Status', code: 503, reason: 'ServiceUnavailable' })
    const one = games.find((game) => path.endsWith(`/${nameOf(game)}`))
    if (one) return answer(response, 200, one)
    if (query.get('watch') === null) return answer(response, 200, listOf(games, 100))
    // Nothing ever changes.
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
  })
  const { server } = api.config
  const sleep = (asleep: boolean) => {
    awake = !asleep
  }
  return { server, sleep, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() }
}

function nameOf(game: object): string {
  return 'metadata' in game && typeof game.metadata === 'object' && game.metadata && 'name' in game.metadata
    ? String(game.metadata.name)
    : ''
}

/** The files that settings name, and settings that name them; all listeners take free ports. */
export async function someSettings({
  databaseUrl,
  kubeApi = 'http://127.0.0.1:1',
  more = {},
}: {
  databaseUrl: string
  kubeApi?: string
  more?: Record<string, string>
}) {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-api-'))
  const file = async (name: string, content: string) => {
    await writeFile(join(dir, name), content, { mode: 0o600 })
    return join(dir, name)
  }
  const environment = {
    BACKEND_HTTP_ADDR: '127.0.0.1:0',
    BACKEND_PUSH_ADDR: '127.0.0.1:0',
    BACKEND_METRICS_ADDR: '127.0.0.1:0',
    BACKEND_DATABASE_URL: databaseUrl,
    BACKEND_DATABASE_POOL: '4',
    BACKEND_SERVICE_TOKEN_FILE: await file('token', `${serviceToken}\n`),
    BACKEND_CODE_PEPPER_FILE: await file(
      'peppers',
      ['new', 'old'].map((kid) => `${kid}:${randomBytes(32).toString('base64')}\n`).join(''),
    ),
    BACKEND_KUBECONFIG: await file('kubeconfig', kubeconfigText(kubeApi)),
    // Nobody is there: that is for the mail worker to bear.
    BACKEND_SMTP_URL: 'smtp://127.0.0.1:1',
    BACKEND_SHUTDOWN_TIMEOUT: '10s',
    BACKEND_OTEL_TRACES_EXPORTER: 'none',
    BACKEND_OTEL_METRICS_EXPORTER: 'prometheus',
    ...more,
  }
  return {
    settings: readApiSettings(environment),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}
