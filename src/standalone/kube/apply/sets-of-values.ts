import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject } from '../../../platform/json.ts'
import type { Schema } from '../schema/compile.ts'
import { emptySet, type FieldSet, gather, itself, type Mark, nothing } from './field-set.ts'
import type { PathElement } from './path-element.ts'
import { isNamed, type Part, schemaBelow, shapeOf } from './shape.ts'

/** The paths that applying a value would own: its leaves, items of lists and keys of maps. */
export function fieldSetOf(schema: Schema, value: JsonObject): FieldSet {
  return ownedMark(schema, value).inside
}

function ownedMark(schema: Schema | undefined, value: unknown): Mark {
  const shape = shapeOf(schema, value)
  if (shape.is === 'leaf') return itself
  const marks = shape.parts.map((part) => {
    const { self, inside } = ownedMark(part.schema, part.value)
    const isOwn = shape.is === 'list' || isEmptyContainer(part.value) || !isNamed(schema, part.element)
    return [part.element, { self: self || isOwn, inside }] as const
  })
  return { self: false, inside: gather(marks) }
}

/** Nothing in it could be owned instead: an empty list that was applied must not be taken for one that was not. */
function isEmptyContainer(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0
}

/** How one value differs from another. */
export type Difference = { added: FieldSet; modified: FieldSet; removed: FieldSet }

export function compareObjects(schema: Schema, before: JsonObject, after: JsonObject): Difference {
  const { added, modified, removed } = compare(schema, before, after)
  return { added: added.inside, modified: modified.inside, removed: removed.inside }
}

type Marks = { added: Mark; modified: Mark; removed: Mark }

const same: Marks = { added: nothing, modified: nothing, removed: nothing }

function compare(schema: Schema | undefined, before: unknown, after: unknown): Marks {
  if (before === after) return same
  if (before === undefined) return { ...same, added: everyPath(schema, after) }
  if (after === undefined) return { ...same, removed: everyPath(schema, before) }
  const [old, wanted] = [shapeOf(schema, before), shapeOf(schema, after)]
  if (old.is === 'leaf' || wanted.is === 'leaf' || old.is !== wanted.is) return replaced(schema, before, after)
  return compareParts(old.parts, wanted.parts)
}

/** Leaves, or values of two types. */
function replaced(schema: Schema | undefined, before: unknown, after: unknown): Marks {
  if (isDeepStrictEqual(before, after)) return same
  const inside = (value: unknown): Mark => ({ self: false, inside: everyPath(schema, value).inside })
  return { added: inside(after), modified: itself, removed: inside(before) }
}

function compareParts(old: readonly Part[], wanted: readonly Part[]): Marks {
  const before = new Map(old.map((part) => [part.element, part]))
  const after = new Map(wanted.map((part) => [part.element, part]))
  const elements = [...new Set([...before.keys(), ...after.keys()])]
  const marks = elements.map((element): [PathElement, Marks] => {
    const [from, to] = [before.get(element), after.get(element)]
    return [element, compare((to ?? from)?.schema, from?.value, to?.value)]
  })
  const collect = (name: keyof Marks): Mark => ({
    self: false,
    inside: gather(marks.map(([element, each]) => [element, each[name]])),
  })
  return { added: collect('added'), modified: collect('modified'), removed: collect('removed') }
}

/** A value and all that is in it. */
function everyPath(schema: Schema | undefined, value: unknown): Mark {
  const shape = shapeOf(schema, value)
  if (shape.is === 'leaf') return itself
  return { self: true, inside: gather(shape.parts.map((part) => [part.element, everyPath(part.schema, part.value)])) }
}

/** The set, and every field that the schema names on the way to what is in it. */
export function withNamedFields(schema: Schema | undefined, set: FieldSet): FieldSet {
  if (set === emptySet) return set
  const named = [...set.children.keys()].filter((element) => isNamed(schema, element))
  const children = [...set.children].map(
    ([element, child]) => [element, withNamedFields(schemaBelow(schema, element), child)] as const,
  )
  return { members: new Set([...set.members, ...named]), children: new Map(children) }
}
