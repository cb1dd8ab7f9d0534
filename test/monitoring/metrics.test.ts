import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Platform, startPlatform } from '../support/platform.ts'
import { alertsOf } from './rules.ts'

/** Words of PromQL that are no metrics, and what Prometheus itself says of a target. */
const words = new Set(['by', 'or', 'and', 'unless', 'up'])

/** The metrics that an expression asks for. */
function metricsIn(expr: string): string[] {
  const bare = expr.replaceAll(/"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\bby\s*\([^)]*\)/g, ' ')
  return [...bare.matchAll(/[a-z_][a-z0-9_]*(?!\w|\s*\()/g)].map(([name]) => name).filter((name) => !words.has(name))
}

const Dashboard = z.object({
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.object({ expr: z.string() })).default([]),
    }),
  ),
})

async function panels() {
  return Dashboard.parse(JSON.parse(await readFile('manifests/monitoring/dashboard.json', 'utf8'))).panels
}

/** Every name under which samples of a process may be found: histograms have three. */
async function exposedAt(url: unknown): Promise<string[]> {
  const text = await (await fetch(`${String(url)}/metrics`)).text()
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
  )
}

let platform: Platform
let exposed: Set<string>

beforeAll(async () => {
  platform = await startPlatform()
  const { controllerMetrics, apiMetrics, edgeAdmin } = platform.endpoints
  exposed = new Set((await Promise.all([controllerMetrics, apiMetrics, edgeAdmin].map(exposedAt))).flat())
})
afterAll(() => platform[Symbol.asyncDispose]())

describe('the metrics that a running platform exposes', () => {
  it('are those that the alerts ask for', async () => {
    const asked = (await alertsOf()).flatMap(({ expr }) => metricsIn(expr))
    expect(asked.length).toBeGreaterThan(15)
    expect(asked.filter((name) => !exposed.has(name))).toEqual([])
  })

  it('are those that the dashboard shows', async () => {
    const asked = (await panels()).flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)))
    expect(asked.length).toBeGreaterThan(30)
    expect(asked.filter((name) => !exposed.has(name))).toEqual([])
  })

  it('are those that the runbooks ask for', async () => {
    const page = await readFile('docs/runbooks.md', 'utf8')
    const asked = [...page.matchAll(/```promql\n(.*?)```/gs)].flatMap(([, text = '']) => metricsIn(text))
    expect(asked.length).toBeGreaterThan(10)
    expect(asked.filter((name) => !exposed.has(name))).toEqual([])
  })

  it('are read out of expressions', () => {
    expect(
      metricsIn('sum by (le, a) (rate(some_total{job="x", le="up_x"}[5m])) / scalar(other) == 1 or vector(0)'),
    ).toEqual(['some_total', 'other'])
  })
})

describe('the dashboard', () => {
  it('has no two panels in one place or with one id', async () => {
    const all = await panels()
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })
})
