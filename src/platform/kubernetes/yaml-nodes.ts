import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import { isRawNumber } from '../json.ts'
import { resolvePlain, resolveTagged } from './yaml-scalars.ts'

/** A key that a mapping has twice; the last one counts. */
export type RepeatedKey = { key: string; line: number }

/**
 * The JSON value of a YAML document, as kubectl makes it: merge keys are merged, keys become texts, and aliases are
 * followed unless what they lead to grows without measure.
 * @throws Error saying what is wrong
 */
export function readDocument(document: Document, lines: LineCounter): { value: unknown; repeated: RepeatedKey[] } {
  const repeated: RepeatedKey[] = []
  const anchors = new Map<string, Node>()
  const open = new Set<unknown>()
  const counts = { nodes: 0, aliased: 0 }
  let aliasDepth = 0

  return { value: read(document.contents), repeated }

  function read(node: unknown): unknown {
    count()
    if (isAlias(node)) return follow(node.source)
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null
    if (node.anchor !== undefined && aliasDepth === 0) anchors.set(node.anchor, node)
    if (isScalar(node)) return readScalar(node)
    open.add(node)
    const value = isMap(node) ? Object.fromEntries(readMapping(node, new Map())) : node.items.map(read)
    open.delete(node)
    return value
  }

  function count(): void {
    counts.nodes += 1
    if (aliasDepth > 0) counts.aliased += 1
    const { nodes, aliased } = counts
    if (aliased > 100 && nodes > 1000 && aliased / nodes > allowedAliases(nodes)) {
      throw new Error('document contains excessive aliasing')
    }
  }

  function follow(anchor: string): unknown {
    const target = targetOf(anchor)
    aliasDepth += 1
    const value = read(target)
    aliasDepth -= 1
    return value
  }

  function targetOf(anchor: string): Node {
    const target = anchors.get(anchor)
    if (!target) throw new Error(`unknown anchor '${anchor}' referenced`)
    if (open.has(target)) throw new Error(`anchor '${anchor}' value contains itself`)
    return target
  }

  /** Adds the mapping's members to what there is, in their order. */
  function readMapping(map: YAMLMap, into: Map<string, unknown>): Map<string, unknown> {
    const own = new Set<string>()
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) merge(value, into)
      else {
        const name = nameOf(read(key))
        if (own.has(name)) repeated.push({ key: name, line: lineOf(key) })
        own.add(name)
        into.set(name, read(value))
      }
    }
    return into
  }

  function merge(value: unknown, into: Map<string, unknown>): void {
    // Of several mappings the first counts.
    const sources = isSeq(value) ? value.items.toReversed() : [value]
    for (const source of sources) mergeOne(source, into)
  }

  function mergeOne(source: unknown, into: Map<string, unknown>): void {
    const node = isAlias(source) ? targetOf(source.source) : source
    if (!isMap(node)) throw new Error('map merge requires map or sequence of maps as the value')
    if (!isAlias(source) && node.anchor !== undefined && aliasDepth === 0) anchors.set(node.anchor, node)
    const depth = isAlias(source) ? 1 : 0
    aliasDepth += depth
    open.add(node)
    count()
    readMapping(node, into)
    open.delete(node)
    aliasDepth -= depth
  }

  function lineOf(node: unknown): number {
    return isScalar(node) && node.range ? lines.linePos(node.range[0]).line : 0
  }
}

/** As go-yaml has it: small documents may be aliases nearly throughout, large ones to a tenth. */
function allowedAliases(nodes: number): number {
  const [small, large] = [400_000, 4_000_000]
  if (nodes <= small) return 0.99
  return nodes >= large ? 0.1 : 0.99 - (0.89 * (nodes - small)) / (large - small)
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.value !== '<<') return false
  return key.tag === undefined ? key.type === 'PLAIN' : key.tag === 'tag:yaml.org,2002:merge'
}

function readScalar({ value, tag, type, source }: Scalar): unknown {
  const text = typeof value === 'string' ? value : (source ?? '')
  if (tag === undefined || tag === '') return type === 'PLAIN' ? resolvePlain(text) : text
  const resolved = resolveTagged(text, tag)
  if (!resolved) throw new Error(`cannot decode \`${text}\` as a ${tag.replace('tag:yaml.org,2002:', '!!')}`)
  return resolved.value
}

/** Keys of JSON are texts. */
function nameOf(key: unknown): string {
  if (typeof key === 'string') return key
  if (isRawNumber(key)) return key.rawJSON
  if (typeof key === 'number' || typeof key === 'boolean') return String(key)
  if (key === null) throw new Error('unsupported map key: null')
  throw new Error('invalid map key: a mapping or a list')
}
