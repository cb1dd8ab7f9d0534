import type { GalaxyClient } from '../client/index.ts'
import type { GameInfo } from '../messages/index.ts'
import type { DraftFile, KeptDraft } from './drafts.ts'
import type { Order } from './order-verbs.ts'
import { readRules, type Rules } from './rules.ts'

export type OpenGame = ReturnType<typeof createOpenGame>

const notKept: DraftFile = { read: () => undefined, write: () => false, remove: () => undefined }

/**
 * The game that is being played: which turn it is, and the orders for the next. The draft is what will be sent; it starts
 * as what is stored, because sending replaces all of it. A draft that differs from what is stored is kept in a file.
 */
export function createOpenGame(client: GalaxyClient, info: GameInfo, file: DraftFile = notKept) {
  let { turn } = info
  /** The newest turn that the player has looked at: `watch` waits for one after it. */
  let seenTurn = turn
  let finished = info.result !== null
  /** What the player was told of: news is learnt first, and shown by the time it is told. */
  let told = { turn, finished }
  let draft: readonly Order[] = []
  let stored: readonly Order[] = []
  /** The draft is in the file: another terminal may change it there. */
  let isKept = false
  let rules: Rules | undefined
  /** The engine cannot check orders without storing them. */
  let checksNothing = false
  const waiting = new Set<() => void>()
  const isNews = () => told.turn > seenTurn || told.finished
  const isChanged = () => JSON.stringify(draft) !== JSON.stringify(stored)

  return {
    id: info.id,
    name: info.name,
    races: info.players.map(({ race_name }) => race_name),
    turn: () => turn,
    nextTurn: () => turn + 1,
    finished: () => finished,
    info: () => client.games.info(info.id),
    report: (of: number) => client.games.report(info.id, of),
    /** What is known of the game's rules so far. */
    knownRules: () => rules,
    /** Asks the game's engine for its rules until it has told them. */
    rules: async () => {
      rules ??= await readRules({
        description: () => client.games.description(info.id),
        report: () => client.games.report(info.id, turn),
      })
      return rules
    },
    looked: () => {
      seenTurn = turn
    },
    /**
     * Who waits for news is not woken yet: `tell` does that, when the news has been shown.
     * @returns true when this is news
     */
    learn: (newest: { turn: number; finished: boolean }) => {
      const news = newest.turn > turn || (newest.finished && !finished)
      turn = Math.max(turn, newest.turn)
      finished ||= newest.finished
      return news
    },
    tell: () => {
      told = { turn, finished }
      for (const wake of waiting) wake()
    },
    /** Resolves to true once the player was told of a turn not looked at yet, and to false when the signal fires first. */
    newTurn: async (signal: AbortSignal) => {
      while (!isNews() && !signal.aborted) await toTell(signal)
      return isNews()
    },
    draft: () => draft,
    stored: () => stored,
    isChanged,
    /** The changed draft is on the disk, so that it outlives this program. */
    isKept: () => isKept,
    edit: (orders: readonly Order[]) => {
      draft = orders
      keep()
    },
    /** Takes up the draft of an earlier visit; undefined when there is none for this race. */
    restore: (): KeptDraft | undefined => {
      if (finished) {
        file.remove()
        return undefined
      }
      const kept = file.read()
      if (kept?.race_name !== info.race_name) return undefined
      draft = kept.orders
      keep()
      return isChanged() ? kept : undefined
    },
    /** Takes over what another terminal of this profile has made of the draft. */
    refresh: async () => {
      const kept = file.read()
      if (kept?.race_name === info.race_name) {
        draft = kept.orders
        isKept = true
      } else if (isKept) {
        // Sent or cleared there.
        isKept = false
        draft = stored
        await readOrders()
      }
    },
    readOrders,
    /** Sends these orders, the draft unless others are given; what is stored becomes the draft. */
    submit: async (orders: readonly Order[] = draft) => {
      const answer = await client.games.submitOrders(info.id, turn + 1, orders)
      if (answer.turn === turn + 1) stored = answer.orders
      draft = stored
      keep()
      seenTurn = Math.max(seenTurn, answer.turn - 1)
      return answer
    },
    /** What the rules say against the draft; undefined when the engine cannot check it without storing it. */
    check: async (timeoutMs: number) => {
      if (checksNothing) return undefined
      return (await client.games.validateOrders(info.id, turn + 1, draft, { timeoutMs })).orders
    },
    checksNothing: () => {
      checksNothing = true
    },
  }

  /** Reads what is stored for the coming turn. A draft that was not sent is kept. */
  async function readOrders(): Promise<void> {
    let answer = await client.games.orders(info.id, { turn: turn + 1 })
    // The turn was made meanwhile: what was read is past.
    while (answer.turn !== turn + 1) answer = await client.games.orders(info.id, { turn: turn + 1 })
    const unchanged = !isChanged()
    stored = answer.orders
    if (unchanged) draft = stored
  }

  /** The file holds the draft while it is another one than what is stored. */
  function keep(): void {
    if (isChanged()) {
      isKept = file.write({ race_name: info.race_name, turn: turn + 1, orders: [...draft] })
    } else {
      isKept = false
      file.remove()
    }
  }

  function toTell(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.add(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    return promise.finally(() => waiting.delete(resolve))
  }
}
