import { z } from 'zod'
import { command, Moment, nothing } from './command.ts'

/** A game's id (the uid of its resource), or the name of a Game in the platform's default namespace. */
const GameId = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'must be the id or the name of a game')

const turnNumber = z.int().min(0).max(999_999_999)

export const GameSummary = z.object({
  id: z.uuid(),
  name: z.string(),
  display_name: z.string(),
  phase: z.string(),
  /** The last complete turn. */
  turn: z.int().min(0),
  /** When the next turn is due; null when none is scheduled. */
  next_turn_at: Moment.nullable(),
  /** The race that you play. */
  race_name: z.string(),
})
export type GameSummary = z.infer<typeof GameSummary>

export const GameList = z.object({ games: z.array(GameSummary) })

/** A seat of the roster, as every player of the game may see it. */
export const GamePlayer = z.object({
  race_name: z.string(),
  you: z.boolean(),
  /** Who plays the race; null where it is nobody with an account. */
  user_name: z.string().nullable(),
  display_name: z.string().nullable(),
  /** The next four are null while the engine does not say: it sleeps, does not answer, or its game has no such thing. */
  eliminated: z.boolean().nullable(),
  score: z.number().nullable(),
  /** Orders for the coming turn are stored. */
  ready: z.boolean().nullable(),
  /** All of your own race; of the others what the game calls public. */
  stats: z.record(z.string(), z.number()).nullable(),
})
export type GamePlayer = z.infer<typeof GamePlayer>

export const GameInfo = GameSummary.extend({
  /** False while the engine does not answer: reports and orders are refused with `engine_not_ready`. */
  ready: z.boolean(),
  last_turn_at: Moment.nullable(),
  /** The turn being generated now. */
  running_turn: z.int().nullable(),
  players: z.array(GamePlayer),
  result: z.record(z.string(), z.unknown()).nullable(),
})
export type GameInfo = z.infer<typeof GameInfo>

export const GameRef = z.strictObject({ game_id: GameId })
export const ReportRef = GameRef.extend({ turn: turnNumber })
export const OrdersQuery = z.strictObject({ turn: turnNumber.min(1).optional() })
export const OrdersSubmission = z.strictObject({
  /** The coming turn: one more than the last complete one. */
  turn: turnNumber.min(1),
  /** The rules of the game read what is inside. */
  orders: z.array(z.record(z.string(), z.unknown())).max(1000),
})
export const StoredOrders = z.object({ turn: z.int().min(1), orders: z.array(z.record(z.string(), z.unknown())) })
export type StoredOrders = z.infer<typeof StoredOrders>

export const OrdersValidation = z.object({
  orders: z.array(z.object({ index: z.int().min(0), ok: z.boolean(), problem: z.string().optional() })),
})
export type OrdersValidation = z.infer<typeof OrdersValidation>

/** What a client needs to show a game that it does not know, as the game's engine says it. */
export const GameDescription = z.object({
  name: z.string(),
  /** JSON Schema of one order. */
  orders: z.record(z.string(), z.unknown()),
  help: z.array(z.object({ verb: z.string(), text: z.string() })),
  /** Titles of the members of a player's `stats`. */
  stats: z.array(z.object({ name: z.string(), title: z.string() })),
})
export type GameDescription = z.infer<typeof GameDescription>

/** Opaque to the platform: what the game's engine reports. */
const Report = z.record(z.string(), z.unknown())

export const gameCommands = [
  command({
    type: 'game.info.get',
    method: 'GET',
    path: '/games/{game_id}/info',
    budget: 'read',
    summary: 'Where a game of yours stands.',
    payload: GameRef,
    result: GameInfo,
  }),
  command({
    type: 'game.description.get',
    method: 'GET',
    path: '/games/{game_id}/description',
    budget: 'read',
    summary:
      'What a game of yours can be told and shows: its orders, help, and titles of its stats; `description_not_found` when its engine does not say.',
    payload: GameRef,
    result: GameDescription,
  }),
  command({
    type: 'game.report.get',
    method: 'GET',
    path: '/games/{game_id}/turns/{turn}/report',
    budget: 'read',
    summary: 'What your race knows after a turn.',
    payload: ReportRef,
    result: Report,
  }),
  command({
    type: 'game.orders.get',
    method: 'GET',
    path: '/games/{game_id}/orders',
    budget: 'read',
    summary: 'The orders that your race has stored, for the coming turn unless another is named.',
    payload: GameRef.extend(OrdersQuery.shape),
    result: StoredOrders,
  }),
  command({
    type: 'game.orders.submit',
    method: 'POST',
    path: '/games/{game_id}/orders',
    budget: 'write',
    summary: 'Replaces the orders of your race for the coming turn.',
    payload: GameRef.extend(OrdersSubmission.shape),
    result: StoredOrders,
  }),
  command({
    type: 'game.orders.validate',
    method: 'POST',
    path: '/games/{game_id}/orders/validate',
    budget: 'write',
    summary:
      'Checks orders as `game.orders.submit` would, one after the other, and stores nothing; `validation_not_supported` when the engine checks orders only when they are submitted.',
    payload: GameRef.extend(OrdersSubmission.shape),
    result: OrdersValidation,
  }),
] as const

/** The rest of the lobby comes with the lobby. */
export const lobbyCommands = [
  command({
    type: 'lobby.games.list_mine',
    method: 'GET',
    path: '/lobby/games?scope=mine',
    budget: 'read',
    summary: 'The games you play in.',
    payload: nothing,
    result: GameList,
  }),
] as const
