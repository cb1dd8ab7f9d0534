import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { metricNames, metricsPage } from '../../scripts/metrics-page.ts'
import { startPlatform } from '../support/platform.ts'

it('the page of metrics is up to date', async () => {
  expect(await readFile('docs/metrics.md', 'utf8')).toBe(metricsPage())
})

it('the page of metrics names all that the processes tell, and nothing else', async () => {
  await using platform = await startPlatform()
  const { controllerMetrics, apiMetrics, edgeAdmin } = platform.endpoints
  const told = async (url: unknown) => {
    const text = await (await fetch(`${String(url)}/metrics`)).text()
    const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name)
    return names.filter((name) => !/^(process|nodejs)_/.test(name)).toSorted()
  }
  expect(await told(controllerMetrics)).toEqual(metricNames('controller'))
  expect(await told(apiMetrics)).toEqual(metricNames('api'))
  expect(await told(edgeAdmin)).toEqual(metricNames('edge'))
})
