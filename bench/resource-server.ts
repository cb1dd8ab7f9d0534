import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { silentLog } from '../src/platform/log.ts'
import { startPostgres } from '../src/standalone/postgres/index.ts'
import { startServer } from './child.ts'
import { median, percentile, report } from './figures.ts'

const concurrency = 16
const creates = 2000
const rounds = 3
const headers = { authorization: 'Bearer bench', 'content-type': 'application/json' }
const gamesPath = '/apis/galaxy.dev/v1/namespaces/default/games'
const dispatcher = new Agent({ connections: concurrency + 2 })

/** Creates per second beside the bare ceiling, then how soon a watcher hears of a create. Durable: fsync is on. */
export async function benchResourceServer(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-bench-'))
  try {
    await using postgres = await startPostgres({ dir, log: silentLog })
    await using bare = await startServer('bare', [postgres.url])
    await using ours = await startServer('resources', [postgres.url])
    await throughput({ bare: `${bare.url}/objects`, ours: ours.url + gamesPath })
    await watchLatency(ours.url)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function throughput(urls: { bare: string; ours: string }): Promise<void> {
  const rates = { bare: [] as number[], ours: [] as number[] }
  await createMany(urls.bare, 'warm', 500)
  await createMany(urls.ours, 'warm', 500)
  for (let round = 0; round < rounds; round += 1) {
    rates.bare.push(await createMany(urls.bare, `r${round}`, creates))
    rates.ours.push(await createMany(urls.ours, `r${round}`, creates))
  }
  const ratio = median(rates.ours) / median(rates.bare)
  console.log(`resource server, ${creates} creates at ${concurrency} concurrent, median of ${rounds}`)
  report('bare Fastify + pg INSERT, creates per second', median(rates.bare).toFixed(0))
  report('resource server, creates per second', median(rates.ours).toFixed(0))
  report('ratio', ratio.toFixed(2), { text: '>= 0.5', met: ratio >= 0.5 })
}

/** Creates per second. */
async function createMany(url: string, prefix: string, count: number): Promise<number> {
  let next = 0
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < count) await create(url, `${prefix}-${(next += 1)}`)
    }),
  )
  return count / ((performance.now() - startedAt) / 1000)
}

async function create(url: string, name: string): Promise<void> {
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers,
    body: JSON.stringify(game(name)),
    dispatcher,
  })
  const text = await body.text()
  if (statusCode !== 201) throw new Error(`create answered ${statusCode}: ${text.slice(0, 300)}`)
}

function game(name: string) {
  const players = ['Terrans', 'Zerks'].map((raceName, index) => ({ userId: `u${index}`, raceName }))
  return {
    apiVersion: 'galaxy.dev/v1',
    kind: 'Game',
    metadata: { name, namespace: 'default' },
    spec: { engine: { version: '~1.0' }, players, settings: { seed: 1 }, turns: { schedule: '0 18 * * *' } },
  }
}

async function watchLatency(url: string): Promise<void> {
  const sentAt = new Map<string, number>()
  const latencies: number[] = []
  const stop = new AbortController()
  const { body } = await request(`${url}${gamesPath}?watch=true&resourceVersion=${await newestVersion(url)}`, {
    headers,
    dispatcher,
    signal: stop.signal,
  })
  const watching = listen(body, (name) => {
    const at = sentAt.get(name)
    if (at !== undefined) latencies.push(performance.now() - at)
  }).catch(() => undefined)
  for (let index = 0; index < 500; index += 1) {
    const name = `watched-${index}`
    sentAt.set(name, performance.now())
    await create(url + gamesPath, name)
  }
  for (let waited = 0; latencies.length < 500 && waited < 5000; waited += 10) await delay(10)
  stop.abort()
  await watching
  const p99 = percentile(latencies, 0.99)
  console.log(`watch latency, from sending a create to its event at a watcher, ${latencies.length} creates one by one`)
  report('p50', `${median(latencies).toFixed(1)} ms`)
  report('p99', `${p99.toFixed(1)} ms`, { text: '< 20 ms', met: p99 < 20 })
}

/** What was created before is none of the watcher's business: it would stand in line before what is measured. */
async function newestVersion(url: string): Promise<string> {
  const { body } = await request(`${url}${gamesPath}?limit=1`, { headers, dispatcher })
  const list = (await body.json()) as { metadata: { resourceVersion: string } }
  return list.metadata.resourceVersion
}

async function listen(body: NodeJS.ReadableStream, heard: (name: string) => void): Promise<void> {
  for await (const line of createInterface({ input: body })) {
    const event = JSON.parse(line) as { object: { metadata: { name: string } } }
    heard(event.object.metadata.name)
  }
}
