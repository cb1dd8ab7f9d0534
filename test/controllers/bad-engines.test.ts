import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findCondition } from '../../src/platform/kubernetes/conditions.ts'
import type { Game } from '../../src/resources/index.ts'
import { type BadEngine, badEngineImage } from '../support/bad-engines.ts'
import { isReady, openGames } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'

let platform: Platform
let games: ReturnType<typeof openGames>
let dir = ''

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-bad-engines-'))
  platform = await startPlatform({ env: { CONTROLLER_ENGINE_START_TIMEOUT: '2s' } })
  games = openGames(platform.kubeconfig)
  await games.informer.synced()
})
afterAll(async () => {
  await games?.[Symbol.asyncDispose]()
  await platform?.[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

const degraded = ({ status }: Game) => findCondition(status.conditions ?? [], 'Degraded')

it.each<{ engine: BadEngine; reason: string; says: string }>([
  { engine: 'exiting', reason: 'EngineExited', says: 'no licence found' },
  { engine: 'silent', reason: 'NeverHealthy', says: 'not healthy within 2 s' },
  { engine: 'babbling', reason: 'BadAnswer', says: 'GET /healthz' },
  { engine: 'refusing', reason: 'InitRefused', says: 'size: no such size' },
])('an engine that is $engine leaves its game Degraded ($reason), started seldom', async ({ engine, reason, says }) => {
  const startedAt = Date.now()
  await games.create(engine, { engine: { image: await badEngineImage(dir, engine) } })
  const game = await games.until(
    engine,
    (each) => degraded(each)?.status === 'True' && degraded(each)?.reason === reason,
  )
  expect(degraded(game)?.message).toContain(says)
  expect(isReady(game)).toBe(false)
  const later = await games.until(engine, ({ status }) => (status.engine?.failures ?? 0) >= 2)
  const minutes = Math.max(1, (Date.now() - startedAt) / 60_000)
  expect((later.status.engine?.epoch ?? 0) / minutes).toBeLessThanOrEqual(8)
})

it('an image that does not exist leaves its game Degraded, and a better one makes it Ready at once', async () => {
  await games.create('missing', { engine: { image: 'no-such-engine:1' } })
  const game = await games.until('missing', (each) => degraded(each)?.reason === 'ImageUnavailable')
  expect(degraded(game)?.message).toContain('there is no image no-such-engine:1 here')
  await games.patch('missing', { engine: { image: 'galaxy-engine:1.0.0' } })
  await games.until('missing', (each) => isReady(each) && degraded(each)?.status === 'False')
})
