import { describe, expect, it } from 'vitest'
import { createHttpApp } from './http.ts'
import { silentLog } from './log.ts'
import { createMetrics } from './metrics.ts'

async function countsAfter(...urls: string[]) {
  const metrics = createMetrics({ runtime: false })
  const app = createHttpApp({ log: silentLog, metrics })
  app.get('/healthz', async () => ({}))
  app.register(async (group) => {
    group.get('/games/:id', async () => ({}))
    group.get('/broken', async () => Promise.reject(new Error('a bug')))
  })
  for (const url of urls) await app.inject(url)
  return (await metrics.metrics()).split('\n').filter((line) => line.includes('_count{'))
}

const count = (route: string, status: number, times: number) =>
  `http_server_request_duration_seconds_count{method="GET",route="${route}",status="${status}"} ${times}`

describe('requests', () => {
  it('are counted by route, without what stands in the path and the query', async () => {
    expect(await countsAfter('/games/a?token=s3cret', '/games/b')).toEqual([count('/games/:id', 200, 2)])
  })

  it('that fail are counted as such', async () => {
    expect(await countsAfter('/broken')).toEqual([count('/broken', 500, 1)])
  })

  it('to nowhere are one sort, whatever a client makes up', async () => {
    expect(await countsAfter('/ada@example.org', '/x', '/y')).toEqual([count('none', 404, 3)])
  })

  it('of probes are not counted', async () => {
    expect(await countsAfter('/healthz')).toEqual([])
  })
})
