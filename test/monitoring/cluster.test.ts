import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { rulesFile } from './rules.ts'

const Item = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})

async function build(folder: string): Promise<z.infer<typeof Item>[]> {
  const { stdout } = await promisify(execFile)('kubectl', ['kustomize', folder], { maxBuffer: 1 << 24 })
  return parseAllDocuments(stdout).map((document) => Item.parse(document.toJS()))
}

describe('monitoring on a cluster', () => {
  it('brings the rules and the dashboard as they are beside it, into the namespace of the platform', async () => {
    const [rules, dashboard] = await Promise.all(
      [rulesFile, 'manifests/monitoring/dashboard.json'].map((file) => readFile(file, 'utf8')),
    )
    const items = await build('manifests/monitoring')
    expect(items).toContainEqual(expect.objectContaining({ kind: 'PrometheusRule', spec: parse(rules ?? '') }))
    expect(items).toContainEqual(expect.objectContaining({ kind: 'ConfigMap', data: { 'dashboard.json': dashboard } }))
    expect(new Set(items.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['galaxy-system']))
  })

  it('scrapes the Pods of the controller, under the name that the rules ask for', async () => {
    const monitor = (await build('manifests/monitoring')).find(({ kind }) => kind === 'PodMonitor')
    const deployment = (await build('manifests/base')).find(({ kind }) => kind === 'Deployment')
    expect(monitor).toMatchObject({
      spec: { jobLabel: 'app.kubernetes.io/name', podMetricsEndpoints: [{ port: 'metrics' }] },
    })
    const { selector } = z
      .object({ spec: z.object({ selector: z.object({ matchLabels: z.record(z.string(), z.string()) }) }) })
      .parse(monitor).spec
    expect(deployment).toMatchObject({
      spec: {
        template: {
          metadata: { labels: { 'app.kubernetes.io/name': 'galaxy-controller', ...selector.matchLabels } },
          spec: { containers: [{ ports: expect.arrayContaining([{ name: 'metrics', containerPort: 9090 }]) }] },
        },
      },
    })
  })
})
