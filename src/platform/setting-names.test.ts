import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, misnamedSettings } from './setting-names.ts'

const known = ['GATEWAY_AUTH_ADDR', 'GATEWAY_LOG_LEVEL', 'GATEWAY_REDIS_URL', 'GATEWAY_AUDIENCE']
const names = { prefix: 'GATEWAY_', known }

describe('the names of settings', () => {
  it.each([
    ['GATEWAY_REDIS_ULR', 'there is no such setting; is GATEWAY_REDIS_URL meant?'],
    ['GATEWAY_LOGLEVEL', 'there is no such setting; is GATEWAY_LOG_LEVEL meant?'],
    ['GATEWAY_RATE_LIMITER_PLAN', 'there is no such setting; docs/settings.md lists them all'],
    ['GATWAY_AUDIENCE', 'there is no such setting; is GATEWAY_AUDIENCE meant?'],
    ['GATEWAY_', 'there is no such setting; docs/settings.md lists them all'],
    ['gateway_redis_url', 'is written GATEWAY_REDIS_URL'],
    ['Gateway_Audience', 'is written GATEWAY_AUDIENCE'],
  ])('refuse %s', (name, said) => {
    expect(misnamedSettings({ [name]: 'x', GATEWAY_AUDIENCE: 'galaxy' }, names)).toEqual([`setting ${name}: ${said}`])
  })

  it.each([
    ['GATEWAY_PORT', 'tcp://10.96.0.7:8070'],
    ['GATEWAY_SERVICE_HOST', '10.96.0.7'],
    ['GATEWAY_SERVICE_HOST', 'fd00::7'],
    ['GATEWAY_SERVICE_PORT', '8070'],
    ['GATEWAY_SERVICE_PORT_PUBLIC_HTTP', '8070'],
    ['GATEWAY_PORT_8070_TCP', 'tcp://[fd00::7]:8070'],
    ['GATEWAY_PORT_8070_TCP_PROTO', 'tcp'],
    ['GATEWAY_PORT_8070_TCP_PORT', '8070'],
    ['GATEWAY_PORT_8070_TCP_ADDR', '10.96.0.7'],
    ['GATEWAY_ADMIN_PORT_53_UDP', 'udp://10.96.0.7:53'],
    ['GATEWAY_NOTHING', ''],
    ['GATEWAY_NOTHING', ' '],
    ['gateway_of_another', 'x'],
    ['MY_GATEWAY_REDIS_URL', 'x'],
  ])('pass over %s=%s', (name, value) => {
    expect(misnamedSettings({ [name]: value }, names)).toEqual([])
  })

  it('do not take a value for a Service that Kubernetes does not write', () => {
    expect(misnamedSettings({ GATEWAY_AUTH_PORT: '8071' }, names)).toHaveLength(1)
    expect(misnamedSettings({ GATEWAY_SERVICE_HOST: 'edge.example.org' }, names)).toHaveLength(1)
  })

  it('of another version are refused only where they look like a misspelt one', () => {
    const lenient = { ...names, onlyMisspelt: true }
    expect(misnamedSettings({ GATEWAY_RATE_LIMITER_PLAN: 'x', GATEWAY_REDIS_ULR: 'x' }, lenient)).toEqual([
      'setting GATEWAY_REDIS_ULR: there is no such setting; is GATEWAY_REDIS_URL meant?',
    ])
  })

  it('cannot break the line of an error', () => {
    expect(misnamedSettings({ 'GATEWAY_\n\u001B[31m': 'x' }, names)[0]).toMatch(
      /^setting GATEWAY_[?[31m]+: there is no/,
    )
  })
})

describe('the distance between names', () => {
  const word = fc.string({ maxLength: 12, unit: fc.constantFrom('A', 'B', '_') })

  it('is 0 for the same, the same both ways, and at most the longer length', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b)
        expect(distance === 0).toBe(a === b)
        expect(distance).toBe(editDistance(b, a))
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })

  it('is 1 after one letter was removed, added or swapped with its neighbour', () => {
    fc.assert(
      fc.property(word, fc.nat(11), (text, index) => {
        const [start, end] = [text.slice(0, index), text.slice(index)]
        expect(editDistance(text, `${start}X${end}`)).toBe(1)
        const swapped = `${start}${end[1] ?? ''}${end[0] ?? ''}${end.slice(2)}`
        expect(editDistance(text, swapped)).toBe(swapped === text ? 0 : 1)
      }),
    )
  })
})
