import { isObject, type JsonObject } from '../json.ts'
import type { KubeConfig } from './config.ts'
import { failedWith, KubernetesError } from './errors.ts'
import { listAll } from './list.ts'
import { keyOf, type KubernetesObject, type ObjectKey, type ResourceKind } from './objects.ts'
import { type ParseFailure, parseObject, problemsOf } from './parse.ts'
import { apiVersionOf, collectionPath, objectPath } from './paths.ts'
import { type ApiCall, callApi } from './transport.ts'

export { type KubeConfig, loadKubeConfig } from './config.ts'

/**
 * One kind's verbs. Every function throws KubernetesError only, within the deadline. A write whose outcome is unknown
 * (status 0) may have happened: read before writing again.
 */
export type ResourceClient<T extends KubernetesObject> = {
  kind: ResourceKind<T>
  get: (key: ObjectKey) => Promise<T | undefined>
  /** All pages. An object that is none of this kind's schema is left out of `items` and told of in `invalid`. */
  list: (options?: {
    namespace?: string
    labelSelector?: string
  }) => Promise<{ items: T[]; resourceVersion: string; invalid: ParseFailure[] }>
  create: (object: JsonObject, options: { namespace: string; fieldManager: string }) => Promise<T>
  /** PUT, only over the same resourceVersion. For kinds without a status subresource. */
  replace: (object: T, options: { fieldManager: string }) => Promise<T>
  /** PUT of the status, only over the same resourceVersion; reason `Conflict` otherwise. */
  replaceStatus: (object: T, options: { fieldManager: string }) => Promise<T>
  patch: (
    key: ObjectKey,
    mergePatch: JsonObject,
    options: { fieldManager: string; subresource?: 'status' },
  ) => Promise<T>
  /** Server-side apply: only the fields named are owned by the field manager; reason `Conflict` when another owns one. */
  apply: (object: JsonObject, options: { namespace: string; fieldManager: string; force?: boolean }) => Promise<T>
  /** False: it was not there. With `uid`, reason `Conflict` when another object has the name by now. */
  remove: (key: ObjectKey, options?: RemoveOptions) => Promise<boolean>
}

type RemoveOptions = {
  uid?: string
  propagation?: 'Background' | 'Foreground' | 'Orphan'
  /** Until a pod's processes are killed; 0 forgets it at once, whether or not they have ended. */
  graceSeconds?: number
}

export function createResourceClient<T extends KubernetesObject>(
  config: KubeConfig,
  kind: ResourceKind<T>,
  { deadlineMs = 10_000 }: { deadlineMs?: number } = {},
): ResourceClient<T> {
  async function call(request: ApiCall): Promise<T> {
    const parsed = parseObject(kind, await callApi(config, request, deadlineMs))
    if ('object' in parsed) return parsed.object
    const said = `${request.path}: the answer is no ${kind.kind}: ${problemsOf(parsed.error)}`
    throw new KubernetesError(200, 'BadAnswer', said, { cause: parsed.error })
  }

  /** `apiVersion` and `kind` are the client's to know: callers need not say them. */
  const typed = (object: object) => ({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...object })

  const put = (object: T, fieldManager: string, subresource?: string) =>
    call({
      method: 'PUT',
      path: objectPath(kind, keyOf(object), subresource),
      query: { fieldManager },
      body: typed(object),
    })

  return {
    kind,
    get: (key) => call({ method: 'GET', path: objectPath(kind, key) }).catch(undefinedIfMissing),
    list: async ({ namespace, labelSelector } = {}) => {
      const read = (item: unknown) => parseObject(kind, item)
      const { items, resourceVersion } = await listAll(config, kind, { namespace, labelSelector, deadlineMs, read })
      return {
        items: items.flatMap((each) => ('object' in each ? [each.object] : [])),
        invalid: items.flatMap((each) => ('object' in each ? [] : [each])),
        resourceVersion,
      }
    },
    create: (object, { namespace, fieldManager }) =>
      call({
        method: 'POST',
        path: collectionPath(kind, namespace),
        query: { fieldManager },
        body: typed(object),
      }),
    replace: (object, { fieldManager }) => put(object, fieldManager),
    replaceStatus: (object, { fieldManager }) => put(object, fieldManager, 'status'),
    patch: (key, mergePatch, { fieldManager, subresource }) =>
      call({
        method: 'PATCH',
        path: objectPath(kind, key, subresource),
        query: { fieldManager },
        contentType: 'application/merge-patch+json',
        body: mergePatch,
      }),
    apply: (object, { namespace, fieldManager, force }) =>
      call({
        method: 'PATCH',
        path: objectPath(kind, { namespace, name: nameOf(object) }),
        query: { fieldManager, force: force === undefined ? undefined : String(force) },
        // JSON is YAML, and the API server accepts it as such.
        contentType: 'application/apply-patch+yaml',
        body: typed(object),
      }),
    remove: async (key, { uid, propagation = 'Background', graceSeconds } = {}) => {
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation,
        ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      }
      const removed = callApi(config, { method: 'DELETE', path: objectPath(kind, key), body }, deadlineMs)
      return (await removed.catch(undefinedIfMissing)) !== undefined
    },
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (!failedWith(error, 'NotFound')) throw error
}

function nameOf({ metadata }: JsonObject): string {
  const name = isObject(metadata) ? metadata.name : undefined
  if (typeof name !== 'string') throw new RangeError('metadata.name is needed')
  return name
}
