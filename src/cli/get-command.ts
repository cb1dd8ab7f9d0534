import { Refusal } from '../platform/errors.ts'
import { isObject, type JsonObject } from '../platform/json.ts'
import { findResource } from '../platform/kubernetes/discovery.ts'
import { collectionPath, objectPath } from '../platform/kubernetes/paths.ts'
import { callApi } from '../platform/kubernetes/transport.ts'
import { formatYaml } from '../platform/kubernetes/yaml.ts'
import { standardError } from '../platform/output/index.ts'
import { type Cluster, deadlineMs, openCluster } from './cluster.ts'
import type { CliContext } from './context.ts'
import type { GetFlags } from './get.ts'
import { formatTable } from './table.ts'

type GetOptions = GetFlags & { kind: string; name: string | undefined }

const tableMediaType = 'application/json;as=Table;v=v1;g=meta.k8s.io'

export async function get(options: GetOptions, { environment, print }: CliContext): Promise<void> {
  const cluster = await openCluster(options, environment)
  const asTable = options.output === 'table' || options.output === 'wide'
  const answer = await callApi(cluster.config, callFor(options, cluster, asTable), deadlineMs)
  if (!asTable) return print(options.output === 'json' ? toJson(tidy(answer)) : formatYaml(tidy(answer)))
  const table = formatTable(answer, { wide: options.output === 'wide', withNamespace: options.allNamespaces ?? false })
  if (table) return print(table)
  const where = options.allNamespaces ? '' : ` in ${cluster.namespace} namespace`
  standardError().write(`No resources found${where}.\n`)
}

function callFor({ kind, name, allNamespaces, selector }: GetOptions, cluster: Cluster, asTable: boolean) {
  const resource = findResource(cluster.resources, kind)
  if (!resource) throw new Refusal('missing', 'unknown_kind', `the server has no kind "${kind}"`)
  const namespace = !resource.namespaced || allNamespaces ? '' : cluster.namespace
  return {
    method: 'GET' as const,
    path: name === undefined ? collectionPath(resource, namespace) : objectPath(resource, { namespace, name }),
    query: { labelSelector: name === undefined ? selector : undefined },
    ...(asTable ? { accept: tableMediaType } : {}),
  }
}

/** As kubectl prints objects: lists under the kind List, without the bookkeeping of field managers. */
function tidy(answer: unknown): JsonObject {
  if (!isObject(answer)) throw new TypeError('the API server answered no object')
  if (!Array.isArray(answer.items)) return withoutManagedFields(answer)
  const items = answer.items.map((item) => (isObject(item) ? withoutManagedFields(item) : item))
  return { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } }
}

function withoutManagedFields(object: JsonObject): JsonObject {
  if (!isObject(object.metadata)) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 4)}\n`
}
