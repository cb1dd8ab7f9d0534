import { messageOf } from '../../../platform/errors.ts'
import type { Log } from '../../../platform/log.ts'
import { coreEventKind, isTerminating, lastSeenMs, namespaceKind } from '../kinds/index.ts'
import type { LogEntry, Stored, StoreKey } from '../store/index.ts'
import { lookAt, type LookDeps, removeObject } from './look.ts'
import { keyOf, Owners, ownersOf, textOf, uidOf } from './owners.ts'

type CollectorDeps = Omit<LookDeps, 'owners'> & { log: Log }

const times = { sweepEveryMs: 60_000, retryAfterMs: 1000, eventTtlMs: 3_600_000 }

/**
 * Deletes what depended on deleted objects, empties deleted namespaces and forgets old events. It hears of every write,
 * and looks at everything when it starts and once a minute, so that nothing is left over by a crash.
 */
export class Collector implements AsyncDisposable {
  #deps: LookDeps & { log: Log }
  readonly #queue = new Map<string, StoreKey>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #unsubscribe: () => void
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(deps: CollectorDeps) {
    this.#deps = { ...deps, owners: new Owners() }
    this.#unsubscribe = deps.store.subscribe({
      committed: (entries) => entries.forEach((entry) => this.#heard(entry)),
      reset: () => this.#rebuild(),
    })
    this.#rebuild()
    this.#every(times.sweepEveryMs, () => this.#sweep())
  }

  /** Resolves when there is nothing left to look at. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    for (const timer of this.#timers) clearTimeout(timer)
    await this.#running
  }

  #rebuild(): void {
    const owners = new Owners()
    for (const stored of this.#deps.store.all()) owners.add(stored)
    this.#deps = { ...this.#deps, owners }
    this.#sweep()
  }

  #sweep(): void {
    const { store } = this.#deps
    for (const stored of store.all()) if (isOfInterest(stored)) this.#look(stored)
    void this.#forgetEvents()
  }

  #heard(entry: LogEntry): void {
    const { owners } = this.#deps
    const { stored, previous, type } = entry
    owners.apply(entry)
    if (type !== 'DELETED' && isOfInterest(stored)) this.#look(stored)
    // An owner may wait for this object, or keep it; and those that depend on it must learn how it stands.
    for (const { uid } of [...ownersOf(stored), ...(previous ? ownersOf(previous) : [])]) this.#lookAtUid(uid)
    if (type === 'DELETED' || isTerminating(stored.object)) {
      for (const key of owners.dependentsOf(uidOf(stored))) this.#look(key)
    }
    // A namespace that is being deleted tells what it waits for.
    this.#lookAtNamespace(stored.namespace)
  }

  #lookAtUid(uid: string): void {
    const key = this.#deps.owners.alive(uid)
    const owner = key && this.#deps.store.get(key)
    if (owner && isTerminating(owner.object)) this.#look(owner)
  }

  #lookAtNamespace(name: string): void {
    if (name === '') return
    const namespace = this.#deps.store.get({ kind: namespaceKind.storedAs, namespace: '', name })
    if (namespace && isTerminating(namespace.object)) this.#look(namespace)
  }

  #look(at: StoreKey): void {
    if (this.#isClosed) return
    const key = keyOf(at)
    this.#queue.set(textOf(key), key)
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined
    })
  }

  async #work(): Promise<void> {
    // Writers come first: what they wrote is answered before anything follows from it.
    await Promise.resolve()
    for (;;) {
      const [next] = this.#queue
      if (!next || this.#isClosed) return
      this.#queue.delete(next[0])
      await this.#lookOnce(next[1])
    }
  }

  async #lookOnce(key: StoreKey): Promise<void> {
    try {
      await lookAt(this.#deps, key)
    } catch (error) {
      this.#deps.log.debug({ object: textOf(key), reason: messageOf(error) }, 'garbage collection comes back to it')
      this.#after(times.retryAfterMs, () => this.#look(key))
    }
  }

  async #forgetEvents(): Promise<void> {
    const { store, clock } = this.#deps
    const before = clock.now().getTime() - times.eventTtlMs
    const old = store.list(coreEventKind.storedAs).filter(({ object }) => lastSeenMs(object) < before)
    const removals = old.map((stored) => removeObject(this.#deps, { kind: coreEventKind, stored }, 'Background'))
    // The next sweep tries again.
    await Promise.allSettled(removals)
  }

  #every(ms: number, act: () => void): void {
    this.#after(ms, () => {
      act()
      this.#every(ms, act)
    })
  }

  #after(ms: number, act: () => void): void {
    if (this.#isClosed) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    timer.unref()
    this.#timers.add(timer)
  }
}

function isOfInterest(stored: Stored): boolean {
  return isTerminating(stored.object) || ownersOf(stored).length > 0
}
