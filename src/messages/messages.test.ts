import { describe, expect, it } from 'vitest'
import { commands } from './index.ts'

describe.each([...commands.values()])('the command $type', ({ type, path, payload, method }) => {
  it('is named area.resource.verb', () => {
    expect(type).toMatch(/^(user|lobby|game)\.[a-z_]+\.[a-z_]+$/)
  })

  it('fills every parameter of its path from its payload', () => {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    for (const name of names) expect(Object.keys(payload.shape)).toContain(name)
    expect(path.replaceAll(/\{\w+\}/g, 'x')).toMatch(/^(\/[a-z-]+)+(\?[a-z]+=[a-z]+)?$/)
  })

  it('refuses members that nobody reads', () => {
    const issues = payload.safeParse({ surprise: 1 }).error?.issues ?? []
    expect(issues.map(({ code }) => code)).toContain('unrecognized_keys')
  })

  it('is a GET, a POST or a PATCH', () => {
    expect(['GET', 'POST', 'PATCH']).toContain(method)
  })
})
