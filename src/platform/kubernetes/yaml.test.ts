import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatYaml, parseYaml } from './yaml.ts'

describe('YAML', () => {
  it('keeps every field of an object, known or not', () => {
    const [document] = parseYaml('apiVersion: v1\nkind: Pod\nmetadata: { lables: { a: b }, name: x }\nspecc: 1\n')
    expect(document?.value).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { lables: { a: 'b' }, name: 'x' },
      specc: 1,
    })
  })

  it('yields every document that is not empty, and where it begins', () => {
    const text = '# first\na: 1\n---\n# nothing\n---\nb: |\n  two\n\n  lines\n--- {"c": 3}\n...\n'
    expect(parseYaml(text)).toMatchObject([
      { line: 1, value: { a: 1 } },
      { line: 5, value: { b: 'two\n\nlines\n' } },
      { line: 10, value: { c: 3 } },
    ])
  })

  it('names the line of an error', () => {
    expect(() => parseYaml('a: 1\n---\nb: 1\n  c: 2\n')).toThrow('at line 3')
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        // Through JSON on both sides: it is what is sent, and it knows no negative zero.
        expect(JSON.stringify(parseYaml(formatYaml(value))[0]?.value)).toEqual(JSON.stringify(value))
      }),
    )
  })
})
