import { isDeepStrictEqual } from 'node:util'
import type { InitRequest } from '../engine-contract/index.ts'
import { Refusal } from '../platform/errors.ts'
import { checkInit, firstTurn, readWorld, type Standing } from './game-rules.ts'
import type { StateStore, TurnRecord } from './state-store.ts'

/** A game as it stands. */
export type Current = Standing & { init: InitRequest; record: TurnRecord }

export type CurrentGame = ReturnType<typeof createCurrentGame>

/** Keeps the newest turn in memory, and looks at the disk each time whether there is a newer one. */
export function createCurrentGame({ store }: { store: StateStore }) {
  let init: InitRequest | undefined
  let newest: Pick<Current, 'record' | 'world'> | undefined
  return { load, current, begin, advance }

  /** Undefined before the game is initialised. */
  async function load(): Promise<Current | undefined> {
    init ??= await store.readInit()
    if (!init) return undefined
    newest ??= opened(await newestRecord(init))
    for (let next = await store.readTurn(newest.record.turn + 1); next;) {
      newest = opened(next)
      next = await store.readTurn(newest.record.turn + 1)
    }
    return { init, ...newest, banished: await store.readBanished(newest.record.turn) }
  }

  /** @throws Refusal `not_initialized` */
  async function current(): Promise<Current> {
    const found = await load()
    if (found) return found
    throw new Refusal('conflict', 'not_initialized', 'The game is not initialised yet.')
  }

  /** @throws Refusal `already_initialized`, `invalid_settings` */
  async function begin(wanted: InitRequest): Promise<Current> {
    if (!(await load())) {
      checkInit(wanted)
      await store.createInit(wanted)
    }
    const found = await current()
    // The order of keys is the caller's affair.
    if (isDeepStrictEqual(found.init, wanted)) return found
    throw new Refusal('conflict', 'already_initialized', 'The game is already initialised, with something else.')
  }

  /** Stores the next turn, unless another engine has stored it before: then that one counts. */
  async function advance(next: TurnRecord): Promise<Current> {
    await store.createTurn(next)
    return current()
  }

  /** The first turn follows from the init: it is made again if a crash came before it was stored. */
  async function newestRecord(init: InitRequest): Promise<TurnRecord> {
    const turn = await store.newestTurn()
    const stored = turn === undefined ? undefined : await store.readTurn(turn)
    if (stored) return stored
    const first = firstTurn(init)
    await store.createTurn(first)
    return (await store.readTurn(0)) ?? first
  }
}

function opened(record: TurnRecord) {
  return { record, world: readWorld(record.world) }
}
