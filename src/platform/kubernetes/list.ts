import { z } from 'zod'
import type { KubeConfig } from './config.ts'
import { isGone, KubernetesError } from './errors.ts'
import type { KubernetesObject, ResourceKind } from './objects.ts'
import { collectionPath } from './paths.ts'
import { type ApiCall, callApi } from './transport.ts'

const Page = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z
    .array(z.unknown())
    .nullish()
    .transform((items) => items ?? []),
})

type ListOptions<Item> = {
  namespace?: string | undefined
  labelSelector?: string | undefined
  /** For each page. */
  deadlineMs: number
  pageSize?: number
  /** What is kept of an item: of ten thousand, no more than one page is in memory as the API answered it. */
  read: (item: unknown) => Item
}

/**
 * Where a collection stands now. Asked of the store itself and not of a server's memory, so it is never older than what
 * any server has told before, unless the store was put back. Without labels: finding one object of them may take long.
 */
export async function positionNow<T extends KubernetesObject>(
  config: KubeConfig,
  kind: ResourceKind<T>,
  { namespace, deadlineMs }: { namespace: string | undefined; deadlineMs: number },
): Promise<string> {
  const path = collectionPath(kind, namespace)
  return (await readPage(config, path, { limit: '1' }, deadlineMs)).metadata.resourceVersion
}

/** Small, because a process does not give back all of the memory that one page takes while it is read. */
const defaultPageSize = 100

/** Times a list starts over because its continue token expired; the last one asks for everything at once. */
const attempts = 3

/** A whole collection, page by page; `resourceVersion` is where a watch goes on. */
export async function listAll<T extends KubernetesObject, Item>(
  config: KubeConfig,
  kind: ResourceKind<T>,
  options: ListOptions<Item>,
): Promise<{ items: Item[]; resourceVersion: string }> {
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    try {
      return await listPages(config, kind, options, options.pageSize ?? defaultPageSize)
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
  return listPages(config, kind, options, undefined)
}

async function listPages<T extends KubernetesObject, Item>(
  config: KubeConfig,
  kind: ResourceKind<T>,
  { namespace, labelSelector, deadlineMs, read }: ListOptions<Item>,
  pageSize: number | undefined,
) {
  const path = collectionPath(kind, namespace)
  const limit = pageSize === undefined ? undefined : String(pageSize)
  const items: Item[] = []
  let next: string | undefined
  for (;;) {
    const query = { limit, labelSelector, continue: next }
    const page = await readPage(config, path, query, deadlineMs)
    for (const item of page.items) items.push(read(item))
    next = page.metadata.continue || undefined
    if (next === undefined) return { items, resourceVersion: page.metadata.resourceVersion }
  }
}

async function readPage(config: KubeConfig, path: string, query: NonNullable<ApiCall['query']>, deadlineMs: number) {
  const page = Page.safeParse(await callApi(config, { method: 'GET', path, query }, deadlineMs))
  if (!page.success) throw new KubernetesError(200, 'BadAnswer', `GET ${path}: the answer is no list`)
  return page.data
}
