import { describe, expect, it } from 'vitest'
import { parseExactJson } from '../../src/platform/exact-json.ts'
import { parseYaml } from '../../src/platform/kubernetes/yaml.ts'
import { runKubectl } from '../conformance/kubectl.ts'

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, annotations: { a: b } }\n'

/** What kubectl makes of a manifest, without a server; undefined where it refuses it. */
async function asKubectlReads(text: string): Promise<unknown> {
  const { code, stdout } = await runKubectl(['annotate', '--local', '-f', '-', '-o', 'json', 'a=b', '--overwrite'], {
    stdin: text,
  })
  return code === 0 ? parseExactJson(stdout) : undefined
}

function asGalaxyReads(text: string): unknown {
  try {
    return parseYaml(text)[0]?.value
  } catch {
    return undefined
  }
}

/** Each a value of one member, read by kubectl in one manifest. */
const scalars =
  `yes y Y Yes n on Off TRUE tRue nO No YES ON oN true ~ null NULL Null nULL 0777 0o777 0O7 0o8 0x1F 0X1f 0x1_f 0b101
0B1 0b102 0x 0b 0_7 0_ 00 08 09 1_000 1__0 1_ _1 -_1 +5 -5 -0 +0x1f -0x1f -0777 -0b11 1:30 190:20:30 2001-01-01 2001-1-1
2001-12-14t21:59:43.10-05:00 1e3 1e+5 1E5 12e03 1e -1.5e-3 +1.5 1.0 1.50 .5 5. 1.e5 0. .e1 e1 . .. + 1.2.3 1_000.5 1__.5 1.5_0
685.230_15e+03 0x1p4 infinity nan .inf2 = 1e400 -0.0 9007199254740993 -9007199254740993 9223372036854775807 -9223372036854775808
0xFFFFFFFFFFFFFFFFF 0777777777777777777777 0x7fffffffffffffff 12345678901234567 100000000000000000000.0 1e22 0.1 a#b a:b`.split(
    /\s+/,
  )

const documents = [
  'a: !!str 5\nb: !!int "5"\nc: !!float 5\nd: !!bool "yes"\ne: !!binary aGVsbG8=\nf: !foo bar\ng: ! 5\nh: !!null ""\ni: !!str\nj: !!int 0777',
  'a: !!timestamp 2001-01-01\nb: !!python/x y\nc: !!merge <<\nd: !!float "1.5"\ne: !<tag:yaml.org,2002:str> 5\nf: !!binary /w==',
  'a: "yes"\nb: \'0777\'\nc: "<<"\nd: |\n  1\n',
  'a: {1: x, 1.5: b, yes: c, no: d, 0x10: e, 0777: f, 2001-01-01: g, 1_0: h, 9223372036854775807: i}',
  'base: &b {a: 1, b: 2}\nm: {<<: *b, b: 3}\nn: {b: 3, <<: *b}\no: {<<: [*b, {c: 3, a: 9}], b: 7}\np: {<<: {<<: {x: 1}, z: 2}}',
  'a: {"<<": {x: 1}}\nb: {!!merge <<: {x: 1}}\nc: <<\nd: {<<: [{b: 1}, {b: 2}], c: 1}',
  'a: &x 1\nb: &x 2\nc: *x',
  'a: !!set {b, c}\nb: !!omap [x: 1]\nc: !!map {b: 1}\nd: !local {b: 1}\ne: !!map [1]',
  'a: [1, 2,]\nb: {c: , d}\ne: [b: 1]\nf: {? b}\n? g\n: 1',
  "a: |\n  x\n   y\nb: >-\n  x\n  y\nc: \"x\\\n  y\"\nd: 'it''s'",
  'a:\t1\nb: [1,\t2]\nc: x\ty',
  'a: 1\n...\nb: 2',
  'a: 1 # c\nb: x#c\n"c": 1\nd : 1',
  'a: [{b: &y 1}, &z {c: *y}]\nd: *z',
]

const refused = [
  'a: .inf',
  'a: .NaN',
  'a: &a [*a]',
  'a: &a {<<: *a}',
  'a: *zz',
  'a:\n\tb: 1',
  '? [1]\n: 2',
  'a: {~: 1}',
  'a: {<<: 5}',
  'a: {<<: null}',
  'a: {<<: [5]}',
  'a: !!int foo',
  'a: !!int 1.5',
  'a: !!bool 1',
  'a: !!null x',
  'a: !!float 5x',
  'a: !!timestamp foo',
  'a: !!binary "@@"',
  'a: b: c',
  'a: @x',
  'a: `x',
  'a: %x',
  `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'
    .split('')
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(', ')}]`)
    .join('\n')}`,
]

describe('a manifest', () => {
  it('has scalars that mean what they mean to kubectl', { timeout: 60_000 }, async () => {
    const text = `${head}list:\n${scalars.map((scalar) => `- ${scalar}\n`).join('')}`
    const [ours, theirs] = [asGalaxyReads(text), await asKubectlReads(text)]
    expect(ours).toBeDefined()
    const list = (value: unknown) => (typeof value === 'object' && value && 'list' in value ? value.list : undefined)
    const paired = (value: unknown) => {
      const values = list(value)
      return scalars.map((scalar, index) => [scalar, Array.isArray(values) ? values[index] : undefined])
    }
    expect(paired(ours)).toEqual(paired(theirs))
  })

  it.each(documents)('is read as kubectl reads it: %j', { timeout: 60_000 }, async (text) => {
    const theirs = await asKubectlReads(head + text)
    expect(theirs).toBeDefined()
    expect(asGalaxyReads(head + text)).toEqual(theirs)
  })

  it.each(refused)('is refused where kubectl refuses it: %j', { timeout: 60_000 }, async (text) => {
    expect(await asKubectlReads(head + text)).toBeUndefined()
    expect(asGalaxyReads(head + text)).toBeUndefined()
  })
})
