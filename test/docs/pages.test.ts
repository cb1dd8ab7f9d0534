import { access, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { gameConditions } from '../../scripts/reference-reasons.ts'

const pages = ['docs/operating.md', 'docs/runbooks.md', 'docs/settings.md', 'docs/reference.md']

const textOf = async (page: string) => ({ page, text: await readFile(page, 'utf8') })

describe('the pages for operators', () => {
  it('name files that are there', async () => {
    const texts = await Promise.all(pages.map(textOf))
    const named = texts.flatMap(({ text }) =>
      [...text.matchAll(/\b(?:docs|manifests|crds|bin|examples|scripts|test)\/[\w./-]*\w/g)].map(([path]) => path),
    )
    expect(named.length).toBeGreaterThan(10)
    const missing: string[] = []
    for (const path of new Set(named)) await access(path).catch(() => missing.push(path))
    expect(missing).toEqual([])
  })

  it('name settings that there are', async () => {
    const settings = await readFile('docs/settings.md', 'utf8')
    const known = new Set([...settings.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name))
    for (const { page, text } of await Promise.all(pages.map(textOf))) {
      const named = [...text.matchAll(/\b(?:CONTROLLER|BACKEND|GATEWAY)_[A-Z_]*[A-Z]\b/g)].map(([name]) => name)
      expect(named.filter((name) => !known.has(name), page)).toEqual([])
    }
  })

  it('say what to do about every reason of Degraded', async () => {
    const { text } = await textOf('docs/operating.md')
    const table = text.split('Reasons of `Degraded`:')[1]?.split(/^## /m)[0] ?? ''
    const cells = [...table.matchAll(/^\| (`.*?`) \|/gm)].map(([, cell = '']) => cell)
    const told = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, reason]) => reason))
    const reasons = Object.keys(gameConditions.find(({ type }) => type === 'Degraded')?.reasons ?? {})
    expect(new Set(told)).toEqual(new Set(reasons.filter((reason) => reason !== 'AsExpected')))
  })
})
