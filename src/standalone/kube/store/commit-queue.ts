import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { backoffMs } from '../../../platform/backoff.ts'
import { messageOf } from '../../../platform/errors.ts'
import type { Log } from '../../../platform/log.ts'
import { internalError, unavailable } from '../api-error.ts'
import type { LogEntry } from './model.ts'
import { insertEntries, trimLog } from './rows.ts'
import { openSession, type Session } from './session.ts'

/**
 * - `open`: writes are committed as they come;
 * - `recovering`: the connection was just lost; writes wait, because most outages are a restart;
 * - `down`: it has been gone for longer; writes are refused;
 * - `superseded`: another process holds the writer's lock; what is in memory may be old, so nothing is served;
 * - `closed`: disposed of.
 */
export type QueueState = 'open' | 'recovering' | 'down' | 'superseded' | 'closed'

/** What the queue tells the store, always in version order. */
export type CommitPort = {
  /** These entries are in the database now. */
  publish: (entries: readonly LogEntry[]) => void
  /** Nothing that is still unpublished will ever be. */
  rollBack: () => void
  /** Brings the store up to what the database says, after the connection was lost; true when `doubtful` is in it. */
  catchUp: (session: Session, doubtful: readonly LogEntry[]) => Promise<'none' | 'landed' | 'others'>
  /** Another process writes now: what is in memory may be old. */
  superseded: () => void
  /** Up to this version the log may be forgotten. */
  logFloor: () => number
}

type Waiting = { entry: LogEntry; resolve: () => void; reject: (error: unknown) => void }

const limits = { batchEntries: 500, batchBytes: 8 * 1024 * 1024, trimEvery: 500 }

/** `patienceMs` is how long writes wait for a connection to come back before they are refused. */
export type QueueOptions = { url: string; log: Log; patienceMs: number }

/** Group commit: whatever waits while one transaction runs becomes the next transaction. */
export class CommitQueue implements AsyncDisposable {
  readonly #options: QueueOptions
  readonly #log: Log
  readonly #port: CommitPort
  #session: Session | undefined
  #state: QueueState = 'open'
  #waiting: Waiting[] = []
  /** Sent to the database when the connection was lost: written or not, nobody knows yet. */
  #doubtful: Waiting[] = []
  #running: Promise<void> | undefined
  #last: Promise<void> = Promise.resolve()
  #trimmedAt = 0

  constructor(session: Session, options: QueueOptions, port: CommitPort) {
    this.#options = options
    this.#log = options.log
    this.#port = port
    this.#adopt(session)
  }

  get state(): QueueState {
    return this.#state
  }

  /** Resolves once the entry is committed and published. */
  add(entry: LogEntry): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ entry, resolve, reject })
    this.#last = promise
    this.#run()
    return promise
  }

  /** Resolves once everything added so far is committed; rejects when that becomes impossible. */
  settled(): Promise<void> {
    return this.#last
  }

  /** Commits what waits, then lets go of the connection and the lock. */
  async [Symbol.asyncDispose](): Promise<void> {
    const drained = this.#running ?? Promise.resolve()
    if (this.#state !== 'open') this.#refuseAll()
    const session = this.#session
    if (session) await drained
    this.#state = 'closed'
    await this.#running
    await session?.[Symbol.asyncDispose]()
  }

  #run(): void {
    if (this.#running) return
    this.#running = this.#work().finally(() => {
      this.#running = undefined
      if (this.#waiting.length > 0 && this.#state !== 'closed') this.#run()
    })
  }

  async #work(): Promise<void> {
    while (this.#state !== 'closed') {
      const session = this.#session ?? (await this.#recover())
      if (!session) return
      // Whoever has just been read from the network comes along: a commit costs the same for one write or for fifty.
      await nextTurn()
      const batch = this.#take()
      if (batch.length === 0) return
      await this.#commit(session, batch)
    }
  }

  #take(): Waiting[] {
    let bytes = 0
    const end = this.#waiting.findIndex(({ entry }, index) => {
      bytes += entry.stored.json.length
      return index >= limits.batchEntries || (index > 0 && bytes > limits.batchBytes)
    })
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)
  }

  async #commit(session: Session, batch: Waiting[]): Promise<void> {
    try {
      await insertEntries(session.client, entriesOf(batch))
    } catch (error) {
      await this.#failed(session, batch, error)
      return
    }
    this.#publish(batch)
    await this.#trim(session)
  }

  #publish(batch: readonly Waiting[]): void {
    this.#port.publish(entriesOf(batch))
    for (const { resolve } of batch) resolve()
  }

  async #failed(session: Session, batch: Waiting[], error: unknown): Promise<void> {
    if (error instanceof pg.DatabaseError && error.severity === 'ERROR') {
      // The statement was refused whole (the disk is full, say); later writes may build on it, so they go with it.
      this.#log.error({ err: error }, 'the database refused a write')
      this.#refuse(batch, internalError())
      this.#refuseAll()
      return
    }
    this.#log.warn({ reason: messageOf(error) }, 'the connection to the database was lost')
    this.#doubtful = batch
    this.#session = undefined
    session.client.removeAllListeners('end')
    void session[Symbol.asyncDispose]()
  }

  /** Connects again, however long it takes; undefined once closed. */
  async #recover(): Promise<Session | undefined> {
    this.#state = 'recovering'
    const startedAt = performance.now()
    for (let failures = 1; this.#isOpen(); failures++) {
      const session = await this.#reconnect()
      if (typeof session === 'object') return session
      if (performance.now() - startedAt >= this.#options.patienceMs) this.#giveUp(session)
      await delay(backoffMs(failures, { baseMs: 40, maxMs: 1000 }))
    }
    return undefined
  }

  async #reconnect(): Promise<Session | 'taken' | 'away'> {
    try {
      const session = await openSession(this.#options.url)
      if (session === 'taken') return session
      const found = await this.#port.catchUp(session, entriesOf(this.#doubtful))
      this.#settleDoubt(found)
      this.#adopt(session)
      this.#state = 'open'
      this.#log.info('the connection to the database is back')
      return session
    } catch (error) {
      this.#log.debug({ err: error }, 'the database does not answer')
      return 'away'
    }
  }

  #settleDoubt(found: 'none' | 'landed' | 'others'): void {
    const doubtful = this.#doubtful
    this.#doubtful = []
    if (found === 'landed') for (const { resolve } of doubtful) resolve()
    else if (found === 'none') this.#waiting.unshift(...doubtful)
    else {
      this.#refuse(doubtful, away)
      this.#refuseAll()
    }
  }

  #giveUp(why: 'taken' | 'away'): void {
    const state = why === 'taken' ? 'superseded' : 'down'
    if (this.#state !== state) {
      const said = why === 'taken' ? 'another process writes to this database' : 'the database is away'
      this.#log.error(`${said}: the resource server answers 503 until that ends`)
    }
    const changed = this.#state !== state
    this.#state = state
    this.#refuseAll()
    if (changed && state === 'superseded') this.#port.superseded()
  }

  #adopt(session: Session): void {
    this.#session = session
    void session.lost.then(() => {
      if (this.#session !== session || this.#state === 'closed') return
      this.#session = undefined
      this.#run()
    })
  }

  #refuseAll(): void {
    const refused = [...this.#doubtful, ...this.#waiting]
    this.#doubtful = []
    this.#waiting = []
    this.#refuse(refused, away)
  }

  #refuse(refused: readonly Waiting[], error: Error): void {
    for (const { reject } of refused) reject(error)
    this.#port.rollBack()
  }

  /** A method, so that the compiler does not think the state stays what it was before an await. */
  #isOpen(): boolean {
    return this.#state !== 'closed'
  }

  async #trim(session: Session): Promise<void> {
    const floor = this.#port.logFloor()
    if (floor - this.#trimmedAt < limits.trimEvery) return
    this.#trimmedAt = floor
    await trimLog(session.client, floor).catch((error: unknown) =>
      this.#log.warn({ reason: messageOf(error) }, 'the log of the resource server was not trimmed'),
    )
  }
}

const away = unavailable('the database is not available; repeat the request')

function entriesOf(batch: readonly Waiting[]): LogEntry[] {
  return batch.map(({ entry }) => entry)
}
