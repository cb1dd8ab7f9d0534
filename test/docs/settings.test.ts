import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { defaultPolicy } from '../../src/controllers/game/index.ts'

/** Section of docs/settings.md → where its settings are declared. */
const processes = {
  'The controller': 'src/controllers/settings.ts',
  'The api': 'src/api/settings.ts',
  'The edge': 'src/edge/settings.ts',
  'The reference engine': 'src/engine/settings.ts',
}
/** Where defaults stand that several processes share. */
const shared = ['src/platform/settings.ts', 'src/platform/telemetry/settings.ts']

/** Setting → default, '' without one, as the schema of a process declares them. */
async function declared(file: string): Promise<Record<string, string>> {
  const [own, ...common] = await Promise.all([file, ...shared].map((each) => readFile(each, 'utf8')))
  const block = own?.split(/^const Settings = /m)[1]?.split(/^\}|^ {2}\}\)/m)[0] ?? ''
  const entries = block.split(/^ +(?=[A-Z_]+: )/m).flatMap((text) => {
    const [, name, rule = ''] = /^([A-Z_]+): (.*)$/s.exec(text) ?? []
    return name === undefined ? [] : [[name, defaultIn(rule) ?? defaultIn(constant(rule, common)) ?? '']]
  })
  return Object.fromEntries(entries)
}

function defaultIn(rule: string): string | undefined {
  if (rule.includes('defaultPolicy.engineVersionNamespace')) return defaultPolicy.engineVersionNamespace
  return /\.(?:prefault|default)\('([^']*)'\)/.exec(rule)?.[1]
}

/** What a shared rule is declared as: `audience` or `tracesExporter` alone, or with more behind it. */
function constant(rule: string, files: readonly string[]): string {
  const name = /^(\w+)/.exec(rule)?.[1] ?? ''
  const found = files.map((text) => text.split(new RegExp(`^export const ${name}\\b`, 'm'))[1])
  return found.find((text) => text !== undefined)?.split(/\n\n/)[0] ?? ''
}

/** Setting → default, as the page tells. */
async function documented(title: string): Promise<Record<string, string>> {
  const page = await readFile('docs/settings.md', 'utf8')
  const section = page.split(/^## /m).find((each) => each.startsWith(`${title}\n`)) ?? ''
  const rows = [...section.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`|\*needed\*)? ?\| .+ \|$/gm)]
  return Object.fromEntries(rows.map(([, name, fallback = '']) => [name, fallback]))
}

describe('the page of settings', () => {
  it.each(Object.entries(processes))('has every setting of %s with its default, and no other', async (title, file) => {
    const settings = await declared(file)
    expect(Object.keys(settings).length).toBeGreaterThan(5)
    expect(await documented(title)).toEqual(settings)
  })
})
