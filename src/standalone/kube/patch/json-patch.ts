import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { isObject } from '../../../platform/json.ts'
import { PatchError } from './patch-error.ts'
import { arrayIndex, parsePointer, step } from './pointer.ts'

/** As the API server limits them. */
const maxOperations = 10_000
/** Copies of copies would otherwise grow without end. */
const maxCopiedBytes = 3 * 1024 * 1024

const Operation = z.looseObject({ op: z.string(), path: z.string(), from: z.string().optional() })
type Operation = z.infer<typeof Operation>

/** What is nested deeper is refused in bodies too; patches could otherwise pile such bodies up. */
const maxDepth = 250

type Change = (container: unknown, last: string) => unknown

/**
 * RFC 6902.
 * @throws PatchError in the words of https://github.com/evanphx/json-patch, which the API server uses
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const operations = readOperations(patch)
  let copiedBytes = 0
  return operations.reduce((result: unknown, operation) => {
    if (operation.op === 'copy') copiedBytes += sizeOf(valueAt(result, operation.from ?? '', 'copy'))
    if (copiedBytes > maxCopiedBytes) {
      const said = `the accumulated size increase of copy is ${copiedBytes}, exceeding the limit ${maxCopiedBytes}`
      throw new PatchError(`Unable to complete the copy, ${said}`)
    }
    return perform(result, operation)
  }, document)
}

function readOperations(patch: unknown): Operation[] {
  const parsed = z.array(Operation).safeParse(patch)
  if (!parsed.success) throw new PatchError(`error decoding patch: ${z.prettifyError(parsed.error)}`)
  if (parsed.data.length > maxOperations) {
    throw new PatchError(
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${parsed.data.length}`,
    )
  }
  return parsed.data
}

function perform(document: unknown, operation: Operation): unknown {
  const { op, path, from = '' } = operation
  switch (op) {
    case 'add':
      return changeAt(document, { path, op, change: adding(fitting(valueOf(operation), path)) })
    case 'remove':
      return changeAt(document, { path, op, change: removing(path) })
    case 'replace':
      return changeAt(document, { path, op, change: replacing(path, fitting(valueOf(operation), path)) })
    case 'move': {
      const moved = valueAt(document, from, op)
      const rest = changeAt(document, { path: from, op, change: removing(from) })
      return changeAt(rest, { path, op, change: adding(fitting(moved, path)) })
    }
    case 'copy':
      return changeAt(document, { path, op, change: adding(fitting(valueAt(document, from, op), path)) })
    case 'test':
      return test(document, path, operation['value'])
    default:
      throw new PatchError(`Unexpected kind: ${op}`)
  }
}

function valueOf(operation: Operation): unknown {
  if (operation['value'] === undefined) {
    throw new PatchError(`${operation.op} operation for path ${JSON.stringify(operation.path)} has no value`)
  }
  return operation['value']
}

function fitting(value: unknown, path: string): unknown {
  if (!isDeeperThan(value, maxDepth - parsePointer(path).length)) return value
  throw new PatchError(`the value at ${path.slice(0, 100)} is nested more than ${maxDepth} levels deep`)
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels <= 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1))
}

function valueAt(document: unknown, path: string, op: string): unknown {
  const value = parsePointer(path).reduce(step, document)
  if (value === undefined) throw missing(op, 'doc is missing from path', path)
  return value
}

function test(document: unknown, path: string, expected: unknown): unknown {
  const value = parsePointer(path).reduce(step, document)
  // A missing value equals null here.
  if (isDeepStrictEqual(value ?? null, expected ?? null)) return document
  throw new PatchError(`testing value ${path} failed: test failed`)
}

/** A copy of the document in which the container that holds the path's end is changed. */
function changeAt(document: unknown, { path, op, change }: { path: string; op: string; change: Change }): unknown {
  // The whole document is the one field of a container of its own, so that "" is a path like any other.
  const steps = ['', ...parsePointer(path)]
  const descend = (container: unknown, depth: number): unknown => {
    const name = steps[depth] ?? ''
    if (depth === steps.length - 1) return change(container, name)
    const inner = step(container, name)
    if (inner === undefined || inner === null) throw missing(op, 'doc is missing path', path)
    return put(container, name, descend(inner, depth + 1))
  }
  const whole = descend({ '': document }, 0)
  return isObject(whole) ? whole[''] : undefined
}

function adding(value: unknown): Change {
  return (container, last) => {
    if (!Array.isArray(container)) return put(container, last, value)
    const index = last === '-' ? container.length : insertionIndex(last, container.length)
    return container.toSpliced(index, 0, value)
  }
}

function removing(path: string): Change {
  return (container, last) => {
    if (step(container, last) === undefined) {
      throw new PatchError(
        `error in remove for path: '${path}': Unable to remove nonexistent key: ${last}: missing value`,
      )
    }
    if (Array.isArray(container)) return container.toSpliced(Number(last), 1)
    return Object.fromEntries(Object.entries(isObject(container) ? container : {}).filter(([name]) => name !== last))
  }
}

function replacing(path: string, value: unknown): Change {
  return (container, last) => {
    if (step(container, last) === undefined) throw missing('replace', 'doc is missing key', path)
    return put(container, last, value)
  }
}

function put(container: unknown, name: string, value: unknown): unknown {
  if (Array.isArray(container)) return container.with(Number(name), value)
  if (isObject(container)) return { ...container, [name]: value }
  throw new PatchError(`add operation does not apply: doc is missing path: ${JSON.stringify(name)}: missing value`)
}

function insertionIndex(name: string, length: number): number {
  const given = arrayIndex(name)
  if (given === undefined) throw new PatchError(`value was not a proper array index: '${name}'`)
  const index = given < 0 ? length + 1 + given : given
  if (index < 0 || index > length) {
    throw new PatchError(`Unable to access invalid index: ${given}: invalid index referenced`)
  }
  return index
}

function missing(op: string, said: string, path: string): PatchError {
  return new PatchError(`${op} operation does not apply: ${said}: ${path}: missing value`)
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length
}
