import type { KubernetesObject } from './objects.ts'
import { createInformer, type Informer, type InformerOptions } from './informer.ts'

export type ScopedInformerOptions<T extends KubernetesObject> = Omit<InformerOptions<T>, 'namespace'> & {
  /** All namespaces when absent. */
  namespaces: readonly string[] | undefined
}

/**
 * A cache of one kind in some namespaces, with a watch for each: whoever may look into these only is refused a watch on
 * all of them. It has synced without those that refuse for good, as long as there is one that does not.
 */
export function createScopedInformer<T extends KubernetesObject>({
  namespaces,
  ...options
}: ScopedInformerOptions<T>): Informer<T> {
  if (namespaces === undefined) return createInformer(options)
  const informers = new Map(
    [...new Set(namespaces)].map((namespace) => [namespace, createInformer({ ...options, namespace })]),
  )
  const all = [...informers.values()]
  return {
    start: () => {
      for (const informer of all) informer.start()
    },
    synced: async (signal) => {
      await Promise.all(all.map((informer) => informer.settled(signal)))
      await Promise.race(all.map((informer) => informer.synced(signal)))
    },
    hasSynced: () => all.every((informer) => informer.hasSettled()) && all.some((informer) => informer.hasSynced()),
    knows: (namespace) => {
      const asked = namespace === undefined ? all : [informers.get(namespace)]
      return asked.every((informer) => informer?.hasSynced() ?? false)
    },
    get: (key) => informers.get(key.namespace)?.get(key),
    list: () => all.flatMap((informer) => informer.list()),
    unreadable: () => all.flatMap((informer) => informer.unreadable()),
    written: (object) => informers.get(object.metadata.namespace)?.written(object),
    fetched: (answer, known) => informers.get(answer.metadata.namespace)?.fetched(answer, known),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((informer) => informer[Symbol.asyncDispose]()))
    },
  }
}
