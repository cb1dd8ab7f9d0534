import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { alertsOf, rulesFile } from './rules.ts'
import { type Situation, seriesOf, situations } from './situations.ts'

const promtool = (...args: string[]) => promisify(execFile)('promtool', args)

/** What promtool's unit tests take: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
function unitTest(situation: Situation) {
  const inputSeries = Object.entries(seriesOf(situation)).map(([series, values]) => ({ series, values }))
  const firing = situation.fires.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 }))
  return {
    rule_files: [resolve(rulesFile)],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: inputSeries,
        promql_expr_test: [
          { expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: '58m', exp_samples: firing },
        ],
      },
    ],
  }
}

describe('the alert rules', () => {
  it('are rules that Prometheus takes, beside a configuration that it takes', async () => {
    await expect(promtool('check', 'rules', rulesFile)).resolves.toMatchObject({ stderr: '' })
    await expect(promtool('check', 'config', 'manifests/monitoring/prometheus.yaml')).resolves.toBeDefined()
  })

  it.for(situations)('fire as they are meant to when $name', async (situation) => {
    const folder = await mkdtemp(join(tmpdir(), 'galaxy-rules-'))
    try {
      const file = join(folder, 'test.yaml')
      await writeFile(file, stringify(unitTest(situation)))
      const { stdout } = await promtool('test', 'rules', file).catch((failed: { stdout: string }) => failed)
      expect(stdout).toContain('SUCCESS')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('fire in one situation at least, each of them', async () => {
    const fired = new Set(situations.flatMap(({ fires }) => fires))
    expect((await alertsOf()).map(({ alert }) => alert).toSorted()).toEqual([...fired].toSorted())
  })

  it('lead to a section each of docs/runbooks.md, which says what it means, what to look at and what to do', async () => {
    const page = await readFile('docs/runbooks.md', 'utf8')
    const sections = new Map(page.split(/^## /m).map((section) => [section.split('\n', 1)[0], section]))
    for (const { alert, annotations } of await alertsOf()) {
      expect(annotations['runbook_url']).toBe(`docs/runbooks.md#${alert.toLowerCase()}`)
      for (const part of ['**Means.**', '**Impact.**', '**Look at.**', '**Do.**'])
        expect(sections.get(alert), alert).toContain(part)
    }
    const names = [...sections.keys()].filter((name) => name?.startsWith('Galaxy'))
    expect(names).toEqual((await alertsOf()).map(({ alert }) => alert))
  })
})
