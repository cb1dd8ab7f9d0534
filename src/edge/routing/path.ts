import type { Command } from '../../messages/index.ts'
import { Refusal } from '../../platform/errors.ts'

export type BackendRequest = { method: Command['method']; path: string; body?: unknown }

/**
 * The backend's call for a command: the payload's members that the path names go into it, the others into the query of a
 * GET or the JSON body of anything else.
 * @throws Refusal `invalid_input` for a value that would lead elsewhere
 */
export function backendRequest(
  { method, path: template }: Pick<Command, 'method' | 'path'>,
  payload: Readonly<Record<string, unknown>>,
): BackendRequest {
  const inPath = new Set<string>()
  const path = template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    inPath.add(name)
    return segment(name, payload[name])
  })
  const rest = Object.entries(payload).filter(([name, value]) => !inPath.has(name) && value !== undefined)
  if (method === 'GET') return { method, path: `/api/v1/user${withQuery(path, rest)}` }
  return { method, path: `/api/v1/user${path}`, body: Object.fromEntries(rest) }
}

/** Dots are not encoded, and one or two of them alone walk through the path. */
function segment(name: string, value: unknown): string {
  const text = textOf(value)
  if (!/^\.{0,2}$/.test(text)) return encodeURIComponent(text)
  const errors = [{ field: name, message: 'must be an id' }]
  throw new Refusal('invalid', 'invalid_input', `${name}: must be an id`, { details: { errors } })
}

function withQuery(path: string, members: readonly [string, unknown][]): string {
  if (members.length === 0) return path
  const query = new URLSearchParams()
  for (const [name, value] of members) query.append(name, textOf(value))
  return `${path}${path.includes('?') ? '&' : '?'}${query.toString()}`
}

/** The catalogue puts nothing else into addresses; if it does, that is a bug. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new TypeError(`a ${typeof value} cannot be part of an address`)
}
