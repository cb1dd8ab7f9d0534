import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { describe, expect, it } from 'vitest'
import { mediaType, parseDocument, parseObject } from './body.ts'

const read = (text: string, type = 'application/json') => parseObject(Buffer.from(text), type)

describe('reading a body', () => {
  it('reads JSON and YAML alike', () => {
    expect(read('{"a":{"b":[1,"x"]}}')).toEqual({ a: { b: [1, 'x'] } })
    expect(read('a:\n  b: [1, x]\n', 'application/yaml')).toEqual({ a: { b: [1, 'x'] } })
    expect(read('{"a":1}', 'application/apply-patch+yaml')).toEqual({ a: 1 })
  })

  it('leaves times in YAML as they were written', () => {
    expect(read('at: 2026-01-02T03:04:05Z', 'application/yaml')).toEqual({ at: '2026-01-02T03:04:05Z' })
  })

  it.each([
    ['nothing', ''],
    ['half an object', '{"a":'],
    ['a list', '[]'],
    ['a number', '1'],
    ['null', 'null'],
    ['what is nested too deeply', `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`],
    ['lists nested too deeply', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('refuses %s', (_what, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 400, reason: 'BadRequest' }))
  })

  it('refuses YAML that contains itself', () => {
    expect(() => read('a: &x\n  b: *x\n', 'application/yaml')).toThrow(expect.objectContaining({ code: 400 }))
  })

  it('drops fields that would change the prototype of a copy', () => {
    const object = read('{"spec":{"__proto__":{"polluted":true},"\\u005f_proto__":{},"a":1}}')
    expect(JSON.stringify(object)).toBe('{"spec":{"a":1}}')
  })

  it('refuses other media types', () => {
    expect(() => read('<a/>', 'application/xml')).toThrow(expect.objectContaining({ code: 415 }))
  })

  it('reads a JSON patch, which is a list', () => {
    expect(parseDocument(Buffer.from('[{"op":"remove"}]'), 'application/json')).toEqual([{ op: 'remove' }])
  })

  it('reads the media type of a header', () => {
    expect(mediaType('Application/JSON; charset=utf-8')).toBe('application/json')
    expect(mediaType(undefined)).toBe('')
  })
})

describe('reading protobuf', () => {
  const type = 'application/vnd.kubernetes.protobuf'
  const bytes = WireType.LengthDelimited
  const message = (write: (writer: BinaryWriter) => void) => {
    const writer = new BinaryWriter()
    write(writer)
    return writer.finish()
  }
  const enveloped = (kind: string, raw: Uint8Array) => {
    const typeMeta = message((to) => to.tag(1, bytes).string('v1').tag(2, bytes).string(kind))
    return Buffer.concat([
      Buffer.from('k8s\0'),
      message((to) => to.tag(1, bytes).bytes(typeMeta).tag(2, bytes).bytes(raw)),
    ])
  }

  it('reads the namespace that kubectl creates', () => {
    const label = message((to) => to.tag(1, bytes).string('team').tag(2, bytes).string('a'))
    const metadata = message((to) =>
      to.tag(1, bytes).string('foo').tag(2, bytes).string('').tag(11, bytes).bytes(label),
    )
    const namespace = message((to) => to.tag(1, bytes).bytes(metadata).tag(2, bytes).bytes(new Uint8Array()))
    expect(parseObject(enveloped('Namespace', namespace), type)).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'foo', labels: { team: 'a' } },
    })
  })

  it('leaves other kinds to JSON', () => {
    expect(() => parseObject(enveloped('Pod', new Uint8Array()), type)).toThrow(expect.objectContaining({ code: 415 }))
  })

  it('refuses damaged bytes', () => {
    const damaged = enveloped('Namespace', Buffer.from([0x0a, 0xff]))
    expect(() => parseObject(damaged, type)).toThrow(expect.objectContaining({ code: 400 }))
  })
})
