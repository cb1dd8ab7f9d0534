import { z } from 'zod'
import { OwnerReference } from '../../../platform/kubernetes/objects.ts'
import { listAt, textAt } from '../json-path.ts'
import { type LogEntry, pathOf, type Stored, type StoreKey } from '../store/index.ts'

export type { OwnerReference }

/** The owners an object names; entries that are no owner references are passed over. */
export function ownersOf({ object }: Stored): OwnerReference[] {
  return listAt(object, ['metadata', 'ownerReferences']).flatMap((each) => OwnerReference.safeParse(each).data ?? [])
}

type OwnerReference = z.infer<typeof OwnerReference>

/** Who is there, by uid, and who depends on whom. */
export class Owners {
  readonly #alive = new Map<string, StoreKey>()
  readonly #dependents = new Map<string, Map<string, StoreKey>>()

  alive(uid: string): StoreKey | undefined {
    return this.#alive.get(uid)
  }

  dependentsOf(uid: string): StoreKey[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])]
  }

  add(stored: Stored): void {
    const key = keyOf(stored)
    this.#alive.set(uidOf(stored), key)
    for (const { uid } of ownersOf(stored)) {
      const dependents = this.#dependents.get(uid) ?? new Map<string, StoreKey>()
      this.#dependents.set(uid, dependents.set(textOf(key), key))
    }
  }

  apply({ type, stored, previous }: LogEntry): void {
    if (previous) this.#forget(previous)
    if (type !== 'DELETED') this.add(stored)
  }

  #forget(stored: Stored): void {
    this.#alive.delete(uidOf(stored))
    for (const { uid } of ownersOf(stored)) {
      const dependents = this.#dependents.get(uid)
      dependents?.delete(textOf(keyOf(stored)))
      if (dependents?.size === 0) this.#dependents.delete(uid)
    }
  }
}

export function uidOf({ object }: Stored): string {
  return textAt(object, ['metadata', 'uid'])
}

export function keyOf({ kind, namespace, name }: StoreKey): StoreKey {
  return { kind, namespace, name }
}

export function textOf(key: StoreKey): string {
  return `${key.kind} ${pathOf(key)}`
}
