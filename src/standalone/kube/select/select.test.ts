import { describe, expect, it } from 'vitest'
import { parseFieldSelector, parseLabelSelector, SelectorError } from './index.ts'

const labelled = (labels: Record<string, string>) => ({ metadata: { labels } })

describe('a label selector', () => {
  const object = labelled({ env: 'prod', tier: 'web', 'galaxy.dev/game': 'a', empty: '', turn: '12' })

  it.each([
    '',
    'env=prod',
    'env==prod',
    'env = prod',
    'env=prod,tier=web',
    'env!=test',
    'missing!=test',
    'env in (prod,test)',
    'env in ( prod , test )',
    'env notin (test)',
    'missing notin (test)',
    'env',
    '!missing',
    '! missing',
    'galaxy.dev/game=a',
    'galaxy.dev/game in (a),env',
    'env,tier in (web,api),!missing',
    'empty=',
    'empty',
    'empty in ()',
    'turn>11',
    'turn<13',
  ])('%j selects it', (text) => {
    expect(parseLabelSelector(text)(object)).toBe(true)
  })

  it.each([
    'env=test',
    'env!=prod',
    'env in (test)',
    'env notin (prod,test)',
    'missing',
    '!env',
    'env,missing',
    'turn>12',
    'env>1',
    'missing in (a)',
    'constructor',
  ])('%j does not', (text) => {
    expect(parseLabelSelector(text)(object)).toBe(false)
  })

  it('takes an object without labels for one with none', () => {
    expect(parseLabelSelector('!a')({})).toBe(true)
    expect(parseLabelSelector('a')({})).toBe(false)
  })

  it.each(['=', 'a=b=c', 'a in b', 'a in (b', 'a,,b', 'a(b)', '-a=b', 'a=-b', 'a in (b c)', 'a>b', '!a=b', 'a b'])(
    'refuses %j',
    (text) => {
      expect(() => parseLabelSelector(text)).toThrow(SelectorError)
    },
  )

  it('reads a hostile one in no time', () => {
    const started = performance.now()
    expect(() => parseLabelSelector(`${'a'.repeat(50_000)}$`)).toThrow(SelectorError)
    expect(() => parseLabelSelector(`a in (${'b,'.repeat(20_000)}$)`)).toThrow(SelectorError)
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

describe('a field selector', () => {
  const object = { metadata: { name: 'a', namespace: 'n,1' }, status: { phase: 'Running', count: 3 } }
  const allowed = ['metadata.name', 'metadata.namespace', 'status.phase', 'status.count', 'spec.missing']
  const selects = (text: string) => parseFieldSelector(text, allowed)(object)

  it.each([
    '',
    'metadata.name=a',
    'metadata.name==a',
    'metadata.name!=b',
    'metadata.name=a,status.phase!=Failed',
    'metadata.namespace=n\\,1',
    'status.count=3',
    'spec.missing=',
    'spec.missing!=x',
    ',metadata.name=a,',
  ])('%j selects it', (text) => {
    expect(selects(text)).toBe(true)
  })

  it.each(['metadata.name=b', 'metadata.name!=a', 'metadata.name=a,status.phase=Failed', 'spec.missing=x'])(
    '%j does not',
    (text) => {
      expect(selects(text)).toBe(false)
    },
  )

  it('refuses fields that cannot be selected by', () => {
    expect(() => selects('spec.x=1')).toThrow(new SelectorError('field label not supported: spec.x'))
  })

  it.each(['metadata.name', 'metadata.name=a=b', 'metadata.name=a\\', 'metadata.name=\\a'])('refuses %j', (text) => {
    expect(() => selects(text)).toThrow(SelectorError)
  })
})
