import { comparePathElements, type PathElement } from './path-element.ts'

/** A set of paths, as a tree. A path may be a member while paths below it are, or are not. */
export type FieldSet = { members: ReadonlySet<PathElement>; children: ReadonlyMap<PathElement, FieldSet> }

/** What is in a set of one value: the value itself, paths within it, or both. */
export type Mark = { self: boolean; inside: FieldSet }

export const emptySet: FieldSet = { members: new Set(), children: new Map() }
export const nothing: Mark = { self: false, inside: emptySet }
export const itself: Mark = { self: true, inside: emptySet }

export function isEmpty({ members, children }: FieldSet): boolean {
  return members.size === 0 && children.size === 0
}

/** The set of the marks of all parts of a value. */
export function gather(marks: Iterable<readonly [PathElement, Mark]>): FieldSet {
  const members = new Set<PathElement>()
  const children = new Map<PathElement, FieldSet>()
  for (const [element, { self, inside }] of marks) {
    if (self) members.add(element)
    if (!isEmpty(inside)) children.set(element, inside)
  }
  return members.size === 0 && children.size === 0 ? emptySet : { members, children }
}

/** Makes a set out of two, asked for each path whether it is in the result. */
function combine(a: FieldSet, b: FieldSet, isIn: (inA: boolean, inB: boolean) => boolean): FieldSet {
  const elements = new Set([...a.members, ...a.children.keys(), ...b.members, ...b.children.keys()])
  return gather(
    [...elements].map((element) => {
      const [insideA, insideB] = [a.children.get(element) ?? emptySet, b.children.get(element) ?? emptySet]
      const self = isIn(a.members.has(element), b.members.has(element))
      const inside = isEmpty(insideA) && isEmpty(insideB) ? emptySet : combine(insideA, insideB, isIn)
      return [element, { self, inside }] as const
    }),
  )
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA || inB)
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && inB)
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && !inB)
}

/** The set without everything below one top-level element. */
export function without({ members, children }: FieldSet, element: PathElement): FieldSet {
  return {
    members: new Set([...members].filter((each) => each !== element)),
    children: new Map([...children].filter(([each]) => each !== element)),
  }
}

/** All paths: those of one level before those below it, each level in order. */
export function pathsOf({ members, children }: FieldSet, before: readonly PathElement[] = []): PathElement[][] {
  const own = [...members].sort(comparePathElements).map((element) => [...before, element])
  const below = [...children].sort(([a], [b]) => comparePathElements(a, b))
  return [...own, ...below.flatMap(([element, child]) => pathsOf(child, [...before, element]))]
}

export function elementsOf({ members, children }: FieldSet): PathElement[] {
  return [...new Set([...members, ...children.keys()])].sort(comparePathElements)
}
