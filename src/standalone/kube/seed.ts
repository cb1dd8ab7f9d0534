import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../platform/clock.ts'
import type { JsonObject } from '../../platform/json.ts'
import type { CustomKind } from '../../resources/index.ts'
import { valueAt, withMetadata } from './json-path.ts'
import { type Kind, namespaceKind, type Registry, seededDefinition, seededNamespaces } from './kinds/index.ts'
import type { Store } from './store/index.ts'
import { decideBirth } from './write/create.ts'

/** Makes the objects that are always there: the permanent namespaces, and the definitions of the custom kinds. */
export async function seed(
  { store, clock, registry }: { store: Store; clock: Clock; registry: Registry },
  custom: readonly CustomKind[],
): Promise<void> {
  const now = clock.now()
  const writes = seededNamespaces.map(async (name) => {
    const key = { kind: namespaceKind.storedAs, namespace: '', name }
    if (store.get(key)) return
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    const target = { kind: namespaceKind, namespace: '', name, subresource: '' } as const
    await store.write(key, (current) =>
      decideBirth(target, { current, object, now, tracked: (whole) => whole, warn: nobody }),
    )
  })
  const crdKind = registry.findByObject({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' })
  const definitions = crdKind
    ? custom.map(({ definition }) => seedDefinition(store, crdKind, seededDefinition(definition, now), now))
    : []
  await Promise.all([...writes, ...definitions])
}

/** Whoever seeds needs no warning. */
const nobody = () => undefined

/** A definition that changed with the program replaces the one from before. */
async function seedDefinition(store: Store, kind: Kind, object: JsonObject, now: Date): Promise<void> {
  const name = String(valueAt(object, ['metadata', 'name']))
  const key = { kind: kind.storedAs, namespace: '', name }
  const before = store.get(key)
  if (before && isDeepStrictEqual(before.object['spec'], object['spec'])) return
  const target = {
    kind: { ...kind, prepare: (whole: JsonObject) => whole, hasStatus: false },
    namespace: '',
    name,
    subresource: '',
  } as const
  const generation = Number(valueAt(before?.object, ['metadata', 'generation']) ?? 0) + 1
  const uid = valueAt(before?.object, ['metadata', 'uid'])
  const creationTimestamp = valueAt(before?.object, ['metadata', 'creationTimestamp'])
  const tracked = (whole: JsonObject) =>
    withMetadata(whole, { generation, ...(before ? { uid, creationTimestamp } : {}) })
  await store.write(key, () => decideBirth(target, { current: undefined, object, now, tracked, warn: nobody }))
}
