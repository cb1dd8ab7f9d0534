import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, StartupError } from '../../../platform/errors.ts'
import type { JsonObject } from '../../../platform/json.ts'
import type { Log } from '../../../platform/log.ts'
import { unavailable } from '../api-error.ts'
import { CommitQueue, type QueueOptions, type QueueState } from './commit-queue.ts'
import { RecentLog } from './log.ts'
import { Mirror, sortStored } from './mirror.ts'
import { type LogEntry, pathOf, storedAs, type Stored, type StoreKey } from './model.ts'
import { listLog, listResources, logBounds } from './rows.ts'
import { openSession, type Session } from './session.ts'

/** What a write makes of an object. */
export type Decision = { do: 'put'; object: JsonObject } | { do: 'delete'; object: JsonObject } | { do: 'keep' }

/**
 * Decides on the newest state, which may still be on its way to the database. Runs at once and without waiting, so
 * that no other write comes between; throws an ApiError to refuse.
 */
export type Decide = (current: Stored | undefined, newest: Readonly<Pick<Mirror, 'get' | 'list' | 'all'>>) => Decision

/** Hears every committed batch, in order; `reset` when history was lost and everything must be read anew. */
export type StoreListener = { committed: (entries: readonly LogEntry[]) => void; reset: () => void }

type StoreOptions = Omit<QueueOptions, 'patienceMs'> & Partial<Pick<QueueOptions, 'patienceMs'>>

/** All objects, in memory, and the only way to write them. */
export class Store implements AsyncDisposable {
  readonly #committed = new Mirror()
  /** What is committed, and what is on its way. */
  readonly #newest = new Mirror()
  readonly #recent = new RecentLog()
  readonly #listeners = new Set<StoreListener>()
  readonly #queue: CommitQueue
  readonly #log: Log
  #version = 0
  #assigned = 0

  private constructor(session: Session, options: QueueOptions) {
    this.#log = options.log
    this.#queue = new CommitQueue(session, options, {
      publish: (entries) => this.#publish(entries),
      rollBack: () => this.#rollBack(),
      catchUp: (next, doubtful) => this.#catchUp(next, doubtful),
      superseded: () => this.#reset(),
      logFloor: () => this.#recent.floor,
    })
  }

  /** @throws StartupError when another process holds this database, or it cannot be reached */
  static async open({ patienceMs = 3000, ...options }: StoreOptions): Promise<Store> {
    const session = await openFirst(options.url)
    const store = new Store(session, { ...options, patienceMs })
    await store.#load(session)
    return store
  }

  get state(): QueueState {
    return this.#queue.state
  }

  /** The version of everything that reads see. */
  get version(): number {
    return this.#version
  }

  get(key: StoreKey): Stored | undefined {
    return this.#committed.get(key)
  }

  /** All objects of a kind, ordered by namespace and name. */
  list(kind: string): readonly Stored[] {
    return this.#committed.list(kind)
  }

  all(): Iterable<Stored> {
    return this.#committed.all()
  }

  /** The objects of a kind as they were at `version`; undefined when that is too long ago. */
  listAt(kind: string, version: number): readonly Stored[] | undefined {
    if (version === this.#version) return this.list(kind)
    const changes = this.#recent.undo(kind, version)
    if (!changes) return undefined
    const untouched = this.list(kind).filter((stored) => !changes.has(pathOf(stored)))
    return sortStored([...untouched, ...[...changes.values()].filter((stored) => stored !== undefined)])
  }

  /** Committed entries after `version`; undefined when some are forgotten. */
  since(version: number): LogEntry[] | undefined {
    return version > this.#version ? undefined : this.#recent.since(version)
  }

  subscribe(listener: StoreListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Writes one object. Resolves once committed and visible.
   * @throws ApiError of `decide`, or 503 when the database is away
   */
  async write(key: StoreKey, decide: Decide, { dryRun = false } = {}): Promise<Stored> {
    const { state } = this.#queue
    if (state !== 'open' && state !== 'recovering') throw unavailable('the database is not available')
    const current = this.#newest.get(key)
    const decision = this.#decide(decide, current)
    if ('error' in decision || decision.do === 'keep') {
      // What this was decided on may still be on its way, and nobody may learn of it before it has arrived.
      await this.#queue.settled()
      if ('error' in decision) throw decision.error
      if (!current) throw new TypeError('a write keeps an object that is not there')
      return current
    }
    if (dryRun) return storedAs(key, current?.version ?? 0, decision.object)
    const version = ++this.#assigned
    const stored = storedAs(key, version, decision.object)
    const type = decision.do === 'delete' ? 'DELETED' : current ? 'MODIFIED' : 'ADDED'
    const entry: LogEntry = { version, type, stored, previous: current }
    this.#newest.apply(entry)
    await this.#queue.add(entry)
    return stored
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue[Symbol.asyncDispose]()
  }

  #decide(decide: Decide, current: Stored | undefined): Decision | { error: unknown } {
    try {
      return decide(current, this.#newest)
    } catch (error) {
      return { error }
    }
  }

  #publish(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      this.#committed.apply(entry)
      this.#recent.add(entry)
      this.#version = entry.version
    }
    for (const { committed } of this.#listeners) this.#tell(() => committed(entries))
  }

  /** What was on its way is lost: the newest state is the committed one again. */
  #rollBack(): void {
    this.#newest.clear()
    for (const stored of this.#committed.all()) this.#newest.set(stored, stored)
    this.#assigned = this.#version
  }

  async #catchUp(session: Session, doubtful: readonly LogEntry[]): Promise<'none' | 'landed' | 'others'> {
    const { oldest, newest } = await logBounds(session.client)
    if (newest === this.#version) return 'none'
    if (newest < this.#version || oldest > this.#version + 1) {
      await this.#load(session)
      this.#reset()
      return 'others'
    }
    const entries = await listLog(session.client, this.#version)
    if (isSame(entries, doubtful)) {
      this.#publish(doubtful)
      return 'landed'
    }
    for (const entry of entries) this.#newest.apply(entry)
    this.#publish(entries)
    return 'others'
  }

  async #load({ client }: Session): Promise<void> {
    const { oldest, newest } = await logBounds(client)
    const [objects, entries] = [await listResources(client), await listLog(client, 0)]
    this.#committed.clear()
    for (const stored of objects) this.#committed.set(stored, stored)
    this.#recent.reset(Math.max(0, oldest - 1))
    for (const entry of entries) this.#recent.add(entry)
    this.#version = newest
    this.#rollBack()
  }

  #reset(): void {
    for (const { reset } of this.#listeners) this.#tell(reset)
  }

  /** What one listener makes of the news must not keep it from the others, or from the writers. */
  #tell(news: () => void): void {
    try {
      news()
    } catch (error) {
      this.#log.error({ err: error }, 'a listener of the store failed')
    }
  }
}

function isSame(entries: readonly LogEntry[], doubtful: readonly LogEntry[]): boolean {
  return (
    entries.length === doubtful.length &&
    entries.every(({ version, stored }, index) => {
      const other = doubtful[index]
      return other?.version === version && other.stored.kind === stored.kind && other.stored.json === stored.json
    })
  )
}

/** A predecessor that was killed may hold the lock until Postgres notices. */
const lockPatienceMs = 2000

async function openFirst(url: string): Promise<Session> {
  const startedAt = performance.now()
  for (;;) {
    const session = await openSession(url).catch((error: unknown) => {
      throw new StartupError(`the resource server cannot reach its database: ${messageOf(error)}`)
    })
    if (session !== 'taken') return session
    if (performance.now() - startedAt > lockPatienceMs) {
      throw new StartupError('another resource server already writes to this database; stop it first')
    }
    await delay(50)
  }
}
