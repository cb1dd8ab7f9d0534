import { describe, expect, it } from 'vitest'
import { parseFieldSelector, parseLabelSelector, SelectorError } from './index.ts'

describe('parseLabelSelector', () => {
  const object = { metadata: { labels: { env: 'prod', tier: 'web', 'example.com/size': '5', empty: '' } } }

  it.each([
    ['', true],
    ['env=prod', true],
    ['env==prod', true],
    ['env = prod , tier = web', true],
    ['env=dev', false],
    ['env!=prod', false],
    ['env!=dev', true],
    ['other!=any', true],
    ['env', true],
    ['other', false],
    ['!other', true],
    ['! env', false],
    ['env in (dev, prod)', true],
    ['env in (dev),tier in (web)', false],
    ['env notin (dev,test)', true],
    ['other notin (dev)', true],
    ['other in (dev)', false],
    ['empty=', true],
    ['env=', false],
    ['example.com/size>4', true],
    ['example.com/size<5', false],
    ['constructor', false],
  ])('decides %j as %s', (text, matches) => {
    expect(parseLabelSelector(text)(object)).toBe(matches)
  })

  it.each(['a b', 'a=b c', '=a', 'a in', 'a in b', 'a in (b', 'a,,b', '!a=b', 'a=é', 'a>b', 'a in (?)'])(
    'refuses %j',
    (text) => {
      expect(() => parseLabelSelector(text)).toThrow(SelectorError)
    },
  )

  it('takes an object without labels', () => {
    expect(parseLabelSelector('!a')({})).toBe(true)
  })
})

describe('parseFieldSelector', () => {
  const allowed = ['metadata.name', 'status.phase', 'spec.count']
  const object = { metadata: { name: 'a,b=c\\d' }, spec: { count: 3 } }

  it.each([
    ['', true],
    ['metadata.name=a\\,b\\=c\\\\d', true],
    ['metadata.name==a', false],
    ['metadata.name!=a', true],
    ['metadata.name!=a,spec.count=3', true],
    ['status.phase=', true],
    ['status.phase!=Running', true],
    ['status.phase=Running', false],
  ])('decides %j as %s', (text, matches) => {
    expect(parseFieldSelector(text, allowed)(object)).toBe(matches)
  })

  it('refuses fields that cannot be selected by', () => {
    expect(() => parseFieldSelector('spec.x=1', allowed)).toThrow('field label not supported: spec.x')
    expect(() => parseFieldSelector('spec.x=1', allowed)).toThrow(SelectorError)
  })

  it.each(['metadata.name', 'metadata.name=a\\', 'metadata.name=a\\x', 'metadata.name=a=b'])('refuses %j', (text) => {
    expect(() => parseFieldSelector(text, allowed)).toThrow(SelectorError)
  })
})
