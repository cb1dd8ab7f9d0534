import { type KubernetesObject, keyOf, keyText, type ObjectKey, type ObjectMeta } from './objects.ts'
import { isNewer } from './versions.ts'

export type Change<T> = { before: T | undefined; after: T | undefined }
export type OnChange<T> = (key: ObjectKey, change: Change<T>) => void

/** An object that exists, but that its schema does not accept, and why. */
export type Unreadable = { metadata: ObjectMeta; problem: string }

/** What a whole list said. */
type Snapshot<T> = { items: readonly T[]; unreadable: readonly Unreadable[]; resourceVersion: string }

/**
 * The objects of one kind as of one resourceVersion, the position, plus our own writes that the watch has not shown
 * yet. Every function tells `onChange` what changed, and nothing that did not.
 */
export type ObjectCache<T extends KubernetesObject> = {
  get: (key: ObjectKey) => T | undefined
  list: () => T[]
  /** Those that cannot be read. What could be read of them last is still got and listed, as it was. */
  unreadable: () => Unreadable[]
  /** Takes over a whole list; tells only differences, removals included. */
  replaceAll: (snapshot: Snapshot<T>) => void
  /** An ADDED or MODIFIED event. */
  put: (object: T) => void
  /** The same of an object that cannot be read. */
  unread: (object: Unreadable) => void
  /** A DELETED event. */
  remove: (key: ObjectKey, uid: string | undefined, resourceVersion: string) => void
  /** An own write's answer: taken only when it is newer than all that the watch has shown. */
  written: (object: T) => void
  /** The watch has shown everything up to there. */
  advance: (resourceVersion: string) => void
}

type OnUnreadable = (key: ObjectKey, object: Unreadable) => void

export function createObjectCache<T extends KubernetesObject>(
  onChange: OnChange<T>,
  onUnreadable: OnUnreadable = () => undefined,
): ObjectCache<T> {
  const objects = new Map<string, T>()
  const unreadables = new Map<string, Unreadable>()
  /** Own writes that are newer than the position: a list or an event that is older must not undo them. */
  const ahead = new Set<string>()
  let position = ''

  function store(object: T): void {
    const key = keyOf(object)
    const before = objects.get(keyText(key))
    if (before?.metadata.uid === object.metadata.uid) {
      if (before.metadata.resourceVersion === object.metadata.resourceVersion) return
      objects.set(keyText(key), object)
      return onChange(key, { before, after: object })
    }
    // Deleted and made again under its name while we did not look: that is two changes.
    if (before) drop(key)
    objects.set(keyText(key), object)
    onChange(key, { before: undefined, after: object })
  }

  function drop(key: ObjectKey): void {
    const before = objects.get(keyText(key))
    ahead.delete(keyText(key))
    if (objects.delete(keyText(key))) onChange(key, { before, after: undefined })
  }

  /** True when our own write, not shown by the watch yet, is newer than what comes now. */
  function isOvertaken(text: string, resourceVersion: string): boolean {
    const cached = objects.get(text)
    return ahead.has(text) && cached !== undefined && isNewer(cached.metadata.resourceVersion, resourceVersion)
  }

  function replaceAll({ items, unreadable, resourceVersion }: Snapshot<T>): void {
    // A server that went back in time (restored from a backup) is believed: our writes are lost there. So are those that a
    // list as new as they are does not show.
    const wentBack = isNewer(position, resourceVersion)
    for (const text of ahead) if (wentBack || !isOvertaken(text, resourceVersion)) ahead.delete(text)
    position = resourceVersion
    const present = new Set([...items, ...unreadable].map((each) => keyText(keyOf(each))))
    for (const [text, object] of objects) {
      if (!present.has(text) && !isOvertaken(text, resourceVersion)) drop(keyOf(object))
    }
    for (const text of unreadables.keys()) if (!present.has(text)) unreadables.delete(text)
    for (const object of items) put(object)
    for (const object of unreadable) unread(object)
  }

  function put(object: T): void {
    const text = keyText(keyOf(object))
    if (isOvertaken(text, object.metadata.resourceVersion)) return
    ahead.delete(text)
    unreadables.delete(text)
    store(object)
  }

  function unread(object: Unreadable): void {
    const { uid, resourceVersion } = object.metadata
    const key = keyOf(object)
    const text = keyText(key)
    if (isOvertaken(text, resourceVersion)) return
    if (objects.get(text)?.metadata.uid !== uid) drop(key)
    const before = unreadables.get(text)?.metadata
    unreadables.set(text, object)
    if (before?.uid !== uid || before.resourceVersion !== resourceVersion) onUnreadable(key, object)
  }

  return {
    get: (key) => objects.get(keyText(key)),
    list: () => [...objects.values()],
    unreadable: () => [...unreadables.values()],
    replaceAll,
    put,
    unread,
    remove: (key, uid, resourceVersion) => {
      const cached = objects.get(keyText(key))
      // The name is in use again, by an object that we made.
      if (cached?.metadata.uid !== uid && isOvertaken(keyText(key), resourceVersion)) return
      unreadables.delete(keyText(key))
      drop(key)
    },
    written: (object) => {
      const { resourceVersion } = object.metadata
      const cached = objects.get(keyText(keyOf(object)))
      // At or before the position, the watch knew it already, and what became of it since: it may be gone again.
      if (!isNewer(resourceVersion, position)) return
      if (cached && !isNewer(resourceVersion, cached.metadata.resourceVersion)) return
      unreadables.delete(keyText(keyOf(object)))
      store(object)
      ahead.add(keyText(keyOf(object)))
    },
    advance: (resourceVersion) => {
      position = resourceVersion
    },
  }
}
