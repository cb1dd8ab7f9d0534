import { notAcceptable } from '../api-error.ts'

/** How a client wants objects: whole, as rows of a table, or only their metadata. */
export type Rendering = 'object' | 'table' | 'partial'

const accepted = ['application/json', 'application/json;stream=watch']

/**
 * The first rendering of an Accept header that there is.
 * @throws ApiError 406 when there is none
 */
export function negotiate(accept: string | undefined): Rendering {
  if (!accept) return 'object'
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue
    const rendering = renderingOf(new Map(parameters.map((parameter) => nameAndValue(parameter))))
    if (rendering) return rendering
  }
  throw notAcceptable(accepted)
}

function renderingOf(parameters: ReadonlyMap<string, string>): Rendering | undefined {
  const as = parameters.get('as')
  if (as === undefined) return 'object'
  if (parameters.get('g') !== 'meta.k8s.io' || parameters.get('v') !== 'v1') return undefined
  if (as === 'table') return 'table'
  return as === 'partialobjectmetadata' || as === 'partialobjectmetadatalist' ? 'partial' : undefined
}

function nameAndValue(parameter: string): [string, string] {
  const [name = '', value = ''] = parameter.split('=')
  return [name, value]
}
