import { describe, expect, it } from 'vitest'
import { isObject, type JsonObject } from '../platform/json.ts'
import { customResourceDefinitions, gameCrd } from './crd.ts'

function nodes(node: unknown, path = ''): { path: string; node: JsonObject }[] {
  if (!isObject(node)) return []
  const properties = isObject(node['properties']) ? Object.entries(node['properties']) : []
  const below = [
    ...properties,
    ['items', node['items']] as const,
    ['additionalProperties', node['additionalProperties']] as const,
  ]
  return [{ path, node }, ...below.flatMap(([name, child]) => nodes(child, `${path}.${name}`))]
}

const all = customResourceDefinitions.flatMap(({ spec }) =>
  spec.versions.flatMap(({ schema }) => nodes(schema.openAPIV3Schema, spec.names.kind)),
)

describe('the schemas of the CRDs', () => {
  it('are structural: every value has one type, or is an int-or-string', () => {
    expect(all.length).toBeGreaterThan(80)
    for (const { path, node } of all) {
      expect(typeof node['type'] === 'string' || node['x-kubernetes-int-or-string'] === true, path).toBe(true)
      expect(node['anyOf'] ?? node['oneOf'] ?? node['$ref'], path).toBeUndefined()
      expect('properties' in node && 'additionalProperties' in node, path).toBe(false)
    }
  })

  it('have no empty text as a default, which Kubernetes 1.20 takes for null', () => {
    expect(all.filter(({ node }) => node['default'] === '').map(({ path }) => path)).toEqual([])
  })

  it('explain every field', () => {
    const silent = all.filter(
      ({ path, node }) => !node['description'] && !/conditions|(metadata|items|additionalProperties)$/.test(path),
    )
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  it('carry every rule that CEL can say, with the field at fault', () => {
    const rules = all.flatMap(
      ({ node }) => (node['x-kubernetes-validations'] as { message: string }[] | undefined) ?? [],
    )
    expect(rules.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        'exactly one of engine.version and engine.image must be set',
        'must not be greater than maxPlayers',
        'two players have the same race name',
        'cannot be changed once the engine is initialised',
        'must be a semantic version such as 1.0.3',
      ]),
    )
  })
})

describe('the Game CRD', () => {
  it('has the columns, names and status subresource that operators type', () => {
    const [version] = gameCrd.spec.versions
    const columns = (of: number) =>
      version?.additionalPrinterColumns.filter(({ priority }) => priority === of).map(({ name }) => name.toUpperCase())
    expect(columns(0)).toEqual(['PHASE', 'TURN', 'NEXT', 'PLAYERS', 'ENGINE', 'AGE'])
    expect(columns(1)).toEqual(['READY', 'REASON', 'RUNTIME', 'RESTARTS', 'ENDPOINT'])
    expect(gameCrd.spec.names).toMatchObject({ shortNames: ['gm'], categories: ['galaxy'], plural: 'games' })
    expect(version?.subresources).toEqual({ status: {} })
    expect(version?.selectableFields).toEqual([{ jsonPath: '.status.phase' }])
  })
})
