import { describe, expect, it } from 'vitest'
import { startRedis } from '../../test/support/redis.ts'
import { aBackend, aFolder, start } from './fixtures.ts'

describe('an edge with Redis', () => {
  it('is ready while Redis answers, and recovers with it (abuse 26)', async () => {
    await using redis = await startRedis()
    await using backend = await aBackend()
    await using folder = await aFolder(backend.environment)
    const { GATEWAY_ALLOW_MEMORY_REPLAY: _no, ...environment } = folder.environment
    await using edge = await start({ ...environment, GATEWAY_REPLAY_STORE: 'redis', GATEWAY_REDIS_URL: redis.url })
    const status = async (path: string) => (await fetch(edge.publicUrl + path)).status
    await expect.poll(() => status('/readyz'), { timeout: 20_000 }).toBe(200)
    await redis.kill()
    await expect.poll(() => status('/readyz'), { timeout: 20_000 }).toBe(503)
    expect(await status('/healthz')).toBe(200)
    await redis.start()
    await expect.poll(() => status('/readyz'), { timeout: 20_000 }).toBe(200)
  })
})
