import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { customResourceDefinitions } from '../src/resources/index.ts'
import { dashboardText } from './dashboard.ts'
import { messagesPage } from './messages-page.ts'
import { metricsPage } from './metrics-page.ts'
import { prometheusRuleText } from './prometheus-rule.ts'
import { referencePage } from './reference-page.ts'

/** Writes `crds/`, what is generated of `docs/` and `manifests/`, and `src/gen/`; with `--check` writes nothing and fails when what is committed differs. */
const check = process.argv.includes('--check')
const drift = [...(await generateTexts()), ...(await generateProtobuf())]
if (drift.length > 0) {
  console.error(`out of date: ${drift.join(', ')}; run make generate`)
  process.exit(1)
}

async function generateTexts(): Promise<string[]> {
  // kustomize reads nothing above its own folder.
  const folders = ['crds', 'manifests/base/crds']
  const texts = customResourceDefinitions.map((definition) => ({
    name: `${definition.metadata.name}.yaml`,
    content: `# Generated from src/resources by make generate.\n${stringify(definition, { lineWidth: 120, aliasDuplicateObjects: false })}`,
  }))
  const crds = texts.flatMap(({ name, content }) => folders.map((folder) => ({ path: `${folder}/${name}`, content })))
  const files = [
    ...crds,
    { path: 'docs/messages.md', content: messagesPage() },
    { path: 'docs/metrics.md', content: metricsPage() },
    { path: 'docs/reference.md', content: referencePage() },
    { path: 'manifests/monitoring/dashboard.json', content: dashboardText() },
    {
      path: 'manifests/monitoring/prometheus-rule.yaml',
      content: prometheusRuleText(await readFile('manifests/monitoring/rules.yaml', 'utf8')),
    },
  ]
  const stale: string[] = []
  for (const { path, content } of files) {
    if (check) {
      if ((await readFile(path, 'utf8').catch(() => '')) !== content) stale.push(path)
    } else await writeFile(path, content)
  }
  return stale
}

async function generateProtobuf(): Promise<string[]> {
  const output = await mkdtemp(join(tmpdir(), 'galaxy-gen-'))
  try {
    const { status } = spawnSync('buf', ['generate', ...(check ? ['--output', output] : [])], { stdio: 'inherit' })
    if (status !== 0) throw new Error('buf generate failed')
    return check ? await differences(join(output, 'src/gen'), 'src/gen') : []
  } finally {
    await rm(output, { recursive: true, force: true })
  }
}

async function differences(fresh: string, committed: string): Promise<string[]> {
  const names = new Set([...(await filesOf(fresh)), ...(await filesOf(committed))])
  const stale: string[] = []
  for (const name of names) {
    const [a, b] = await Promise.all(
      [fresh, committed].map((root) => readFile(join(root, name), 'utf8').catch(() => '')),
    )
    if (a !== b) stale.push(join(committed, name))
  }
  return stale
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
