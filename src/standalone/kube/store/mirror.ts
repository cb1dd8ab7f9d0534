import { type LogEntry, pathOf, type Stored, type StoreKey } from './model.ts'

type Objects = {
  byPath: Map<string, Stored>
  /** Paths in listing order; undefined after an object came or went. */
  paths: readonly string[] | undefined
  /** Objects in listing order; undefined after any change. */
  sorted: readonly Stored[] | undefined
}

/** All objects of all kinds at one version, in memory. */
export class Mirror {
  readonly #kinds = new Map<string, Objects>()

  get(key: StoreKey): Stored | undefined {
    return this.#kinds.get(key.kind)?.byPath.get(pathOf(key))
  }

  /** Every object of the kind, in listing order. */
  list(kind: string): readonly Stored[] {
    const objects = this.#kinds.get(kind)
    if (!objects) return []
    if (objects.sorted) return objects.sorted
    const paths = objects.paths ?? [...objects.byPath.keys()].sort()
    objects.paths = paths
    objects.sorted = paths.flatMap((path) => objects.byPath.get(path) ?? [])
    return objects.sorted
  }

  /** Every object there is, in no particular order. */
  *all(): Generator<Stored> {
    for (const { byPath } of this.#kinds.values()) yield* byPath.values()
  }

  apply({ type, stored }: LogEntry): void {
    this.set(stored, type === 'DELETED' ? undefined : stored)
  }

  set(key: StoreKey, stored: Stored | undefined): void {
    const objects = this.#kinds.get(key.kind) ?? { byPath: new Map(), paths: undefined, sorted: undefined }
    this.#kinds.set(key.kind, objects)
    const path = pathOf(key)
    if (objects.byPath.has(path) !== (stored !== undefined)) objects.paths = undefined
    objects.sorted = undefined
    if (stored) objects.byPath.set(path, stored)
    else objects.byPath.delete(path)
  }

  clear(): void {
    this.#kinds.clear()
  }
}

/** In listing order: by namespace, then name, compared byte by byte as the paths are. */
export function sortStored(objects: readonly Stored[]): Stored[] {
  const byPath = new Map(objects.map((stored) => [pathOf(stored), stored]))
  return [...byPath.keys()].sort().flatMap((path) => byPath.get(path) ?? [])
}
