import type { CustomKind } from '../../../resources/index.ts'
import { crdKind } from './crd.ts'
import { customKindsOf } from './custom.ts'
import { coreEventKind, regroupedEventKind } from './event.ts'
import { apiVersionOf, type Kind } from './kind.ts'
import { leaseKind } from './lease.ts'
import { namespaceKind } from './namespace.ts'

/** Every kind that is served. */
export type Registry = {
  all: readonly Kind[]
  find: (resource: { group: string; version: string; resource: string }) => Kind | undefined
  /** By what objects and references say of themselves. */
  findByObject: (object: { apiVersion: string; kind: string }) => Kind | undefined
  /** The kind in whose form objects of this name are stored. */
  storedAs: (name: string) => Kind | undefined
}

export function createRegistry(custom: readonly CustomKind[]): Registry {
  const all = [namespaceKind, coreEventKind, crdKind, leaseKind, regroupedEventKind, ...custom.flatMap(customKindsOf)]
  const byResource = new Map(all.map((kind) => [`${apiVersionOf(kind)}/${kind.plural}`, kind]))
  const byObject = new Map(all.map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind]))
  const stored = new Map(all.filter((kind) => !kind.view).map((kind) => [kind.storedAs, kind]))
  return {
    all,
    find: ({ group, version, resource }) => byResource.get(`${apiVersionOf({ group, version })}/${resource}`),
    findByObject: ({ apiVersion, kind }) => byObject.get(`${apiVersion}/${kind}`),
    storedAs: (name) => stored.get(name),
  }
}
