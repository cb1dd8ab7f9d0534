/** What a request for a resource wants done. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** A request for a resource, or for anything else under its path. */
export type RequestInfo =
  | {
      at: 'resource'
      verb: Verb
      group: string
      version: string
      /** The plural name. */
      resource: string
      /** '' when the path names none. */
      namespace: string
      /** '' when the path names none. */
      name: string
      /** '' or, say, `status`. */
      subresource: string
      query: URLSearchParams
    }
  | { at: 'path'; path: string; query: URLSearchParams }

export type ResourceRequest = Extract<RequestInfo, { at: 'resource' }>

/**
 * Reads a request as the API server does
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/request/requestinfo.go).
 * @returns undefined when the path is not properly percent-encoded, or the method is none of the API's
 */
export function parseRequest(method: string, url: string): RequestInfo | undefined {
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
  const parts = segmentsOf(path)
  if (!parts) return undefined
  const [prefix, first = '', second = ''] = parts
  if (prefix === 'api' && parts.length > 2) return resourceRequest(method, ['', first, ...parts.slice(2)], query)
  if (prefix === 'apis' && parts.length > 3) return resourceRequest(method, [first, second, ...parts.slice(3)], query)
  return { at: 'path', path: `/${parts.join('/')}`, query }
}

function segmentsOf(path: string): string[] | undefined {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    return undefined
  }
}

function resourceRequest(
  method: string,
  [group = '', version = '', ...rest]: string[],
  query: URLSearchParams,
): RequestInfo | undefined {
  const { namespace, names } = takeNamespace(rest)
  const [resource = '', name = '', subresource = '', ...more] = names
  const verb = verbOf(method, name, query)
  if (!verb || more.length > 0) return undefined
  return { at: 'resource', verb, group, version, resource, namespace, name, subresource, query }
}

/** `namespaces/x/games/y` is game y in namespace x; `namespaces/x` and its subresources are the namespace itself. */
function takeNamespace(parts: string[]): { namespace: string; names: string[] } {
  const [first, namespace = '', third] = parts
  const isItself = third === undefined || third === 'status' || third === 'finalize'
  if (first !== 'namespaces' || isItself) return { namespace: '', names: parts }
  return { namespace, names: parts.slice(2) }
}

function verbOf(method: string, name: string, query: URLSearchParams): Verb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (isTrue(query.get('watch'))) return 'watch'
      return name === '' ? 'list' : 'get'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete'
    default:
      return undefined
  }
}

/** A boolean as it stands in a query: `watch`, `watch=1`, `watch=true`. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== 'false' && value !== '0'
}
