/**
 * Fills the cache of compiled modules while the image is built: where it runs, the root file system is read-only, and
 * without the cache every start parses all it loads. Node.js keeps one cache per user, so it must be filled as the
 * user that the image runs as.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const user = 65_532
const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, 'node_modules/.cache/galaxy')
// As the image sets it: the very first module is to be found in the cache, too. It alone would bring the stripper of types.
const environment = { ...process.env, NODE_COMPILE_CACHE: cache }

mkdirSync(cache, { recursive: true })
chownSync(cache, user, user)
process.setgid?.(user)
process.setuid?.(user)
await runEngine()
spawnSync(process.execPath, [join(root, 'scripts/image/healthcheck.ts')], { env: environment })

enableCompileCache(cache)
await import('../../src/cli/run.ts')
await import('../../src/platform/lifecycle.ts')
await import('../../src/controllers/index.ts')
await import('../../src/api/index.ts')
await import('../../src/edge/index.ts')
flushCompileCache()
process.exit()

/** An engine creates a game and ends: of a function that has run, the cache keeps what it was compiled to. */
async function runEngine(): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), 'warm-'))
  const engine = spawn(process.execPath, [...process.execArgv, join(root, 'src/main.ts'), 'engine'], {
    env: { ...environment, GALAXY_STATE_DIR: stateDir, GALAXY_ENGINE_HOST: '127.0.0.1', GALAXY_ENGINE_PORT: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const url = await urlIn(engine.stderr)
  const players = ['Terrans', 'Vegans'].map((raceName) => ({ userId: raceName, raceName }))
  await call(url, 'GET', '/healthz')
  await call(url, 'GET', '/admin/status')
  await call(url, 'POST', '/admin/init', { gameId: 'warm', players, settings: {} })
  await call(url, 'PUT', '/admin/turn', { turn: 1 })
  await call(url, 'GET', '/admin/status')
  engine.kill('SIGTERM')
  await once(engine, 'close')
  rmSync(stateDir, { recursive: true })
}

async function urlIn(log: Readable): Promise<string> {
  let said = ''
  for await (const text of log.iterator({ destroyOnReturn: false })) {
    said += text
    const url = /"url":"([^"]+)"/.exec(said)?.[1]
    if (url !== undefined) return url
  }
  throw new Error(`the engine did not start: ${said}`)
}

async function call(url: string, method: string, path: string, body?: unknown): Promise<void> {
  const headers = { 'x-galaxy-epoch': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const answer = await fetch(`${url}${path}`, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
  await answer.arrayBuffer()
}
