import { messageOf } from '../../platform/errors.ts'
import { parseExactJson } from '../../platform/exact-json.ts'
import { isObject, type JsonObject } from '../../platform/json.ts'
import { parseOneDocument } from '../../platform/kubernetes/yaml.ts'
import { ApiError, badRequest, unsupportedMediaType } from './api-error.ts'
import { duplicateFields } from './duplicate-fields.ts'
import { protobufType, readProtobuf } from './protobuf.ts'

const accepted = ['application/json', 'application/yaml']

/** Deeper than anything sensible, and shallow enough for every recursive reader, Postgres's included. */
const maxDepth = 200

/** The media type of a Content-Type header, without its parameters. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/**
 * An object out of a request's body, in JSON or YAML.
 * @throws ApiError 400 for a body that cannot be read, 415 for another media type
 */
export function parseObject(body: Buffer, type: string): JsonObject {
  const value = parseDocument(body, type)
  if (!isObject(value)) throw badRequest('the request body must be an object')
  return value
}

/** Any document out of a request's body: a JSON patch is a list. */
export function parseDocument(body: Buffer, type: string): unknown {
  const value = read(body, type)
  if (isDeeperThan(value, maxDepth)) throw badRequest(`the request body is nested more than ${maxDepth} levels deep`)
  return value
}

function read(body: Buffer, type: string): unknown {
  if (body.length === 0) throw badRequest('the request body is empty')
  const text = body.toString('utf8')
  try {
    if (type === '' || type.endsWith('json')) return withoutPrototypes(parseExactJson(text), text)
    if (type === protobufType) return orUnsupported(readProtobuf(body))
    if (type.endsWith('yaml')) return withoutPrototypes(parseOneDocument(text).value, text)
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw badRequest(`the request body cannot be read: ${messageOf(error)}`)
  }
  throw unsupportedMediaType(accepted)
}

/**
 * What is wrong with a body that could be read: fields that are there twice, of which the last one counts. In the words of
 * the API server, which names them by their paths in JSON and by their lines in YAML.
 */
export function repetitionsIn(body: Buffer, type: string): string[] {
  const text = body.toString('utf8')
  if (type === protobufType) return []
  if (!type.endsWith('yaml')) return duplicateFields(text).map(({ path }) => `duplicate field ${JSON.stringify(path)}`)
  const repeated = parseOneDocument(text).repeated ?? duplicateFields(text)
  if (repeated.length === 0) return []
  const said = repeated.map(({ key, line }) => `\n  line ${line}: key ${JSON.stringify(key)} already set in map`)
  return [`yaml: unmarshal errors:${said.join('')}`]
}

function orUnsupported(object: JsonObject | undefined): JsonObject {
  if (!object) throw unsupportedMediaType(accepted)
  return object
}

/**
 * A field `__proto__` belongs to no schema and trips everyone who copies fields. Half a surrogate pair becomes U+FFFD, as
 * the API server of Kubernetes reads it; NUL stays, as there.
 */
function withoutPrototypes(value: unknown, text: string): unknown {
  if (!text.includes('__proto__') && !text.includes('\\u')) return value
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map((each) => withoutPrototypes(each, text))
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([name]) => name !== '__proto__')
  return Object.fromEntries(kept.map(([name, each]) => [name.toWellFormed(), withoutPrototypes(each, text)]))
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1))
}
