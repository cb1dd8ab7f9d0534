import type { GalaxyClient } from '../client/index.ts'
import type { GameInfo } from '../messages/index.ts'
import type { Order } from './order-verbs.ts'

export type OpenGame = ReturnType<typeof createOpenGame>

/**
 * The game that is being played: which turn it is, and the orders for the next. The draft is what will be sent; it starts
 * as what is stored, because sending replaces all of it.
 */
export function createOpenGame(client: GalaxyClient, info: GameInfo) {
  let { turn } = info
  /** The newest turn that the player has looked at: `watch` waits for one after it. */
  let seenTurn = turn
  let finished = info.result !== null
  /** What the player was told of: news is learnt first, and shown by the time it is told. */
  let told = { turn, finished }
  let draft: readonly Order[] = []
  let stored: readonly Order[] = []
  const waiting = new Set<() => void>()
  const isNews = () => told.turn > seenTurn || told.finished

  return {
    id: info.id,
    name: info.name,
    turn: () => turn,
    nextTurn: () => turn + 1,
    finished: () => finished,
    info: () => client.games.info(info.id),
    report: (of: number) => client.games.report(info.id, of),
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
    isChanged: () => JSON.stringify(draft) !== JSON.stringify(stored),
    edit: (orders: readonly Order[]) => {
      draft = orders
    },
    /** Reads what is stored for the coming turn. A draft that was not sent is kept. */
    readOrders: async () => {
      let answer = await client.games.orders(info.id, { turn: turn + 1 })
      // The turn was made meanwhile: what was read is past.
      while (answer.turn !== turn + 1) answer = await client.games.orders(info.id, { turn: turn + 1 })
      const unchanged = JSON.stringify(draft) === JSON.stringify(stored)
      stored = answer.orders
      if (unchanged) draft = stored
    },
    submit: async () => {
      const sent = draft
      const answer = await client.games.submitOrders(info.id, turn + 1, sent)
      if (answer.turn === turn + 1) stored = answer.orders
      draft = stored
      seenTurn = Math.max(seenTurn, answer.turn - 1)
      return answer
    },
  }

  function toTell(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.add(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    return promise.finally(() => waiting.delete(resolve))
  }
}
