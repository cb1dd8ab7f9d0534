import { z } from 'zod'
import { externalJson, externalText } from '../platform/external-text.ts'

/** The header that carries the fencing epoch of the engine a call is meant for. */
export const epochHeader = 'x-galaxy-epoch'

/**
 * The header that names the game a call is meant for, by its id. Optional for engines: one that knows its game and is
 * called for another answers 409 `wrong_game`. Addresses are used again, and the next engine there may be any game's.
 */
export const gameHeader = 'x-galaxy-game'

/** The environment an engine is started with. */
export const engineEnvironment = {
  stateDir: 'GALAXY_STATE_DIR',
  host: 'GALAXY_ENGINE_HOST',
  port: 'GALAXY_ENGINE_PORT',
  epoch: 'GALAXY_ENGINE_EPOCH',
  orphanGrace: 'GALAXY_ORPHAN_GRACE',
} as const

export const Healthz = z.object({ status: z.literal('ok') })

export const InitRequest = z.object({
  gameId: z.string().min(1).max(253),
  players: z.array(z.object({ userId: z.string().max(64), raceName: z.string().min(1).max(64) })).max(256),
  settings: z.record(z.string(), z.unknown()),
})
export type InitRequest = z.infer<typeof InitRequest>

/** As many turns as the catalogue of messages and the platform's tables can name. */
const turnNumber = z.int().min(0).max(999_999_999)

/** A name of the game's own choice, such as `planets` or `coins`. */
const StatName = z.string().min(1).max(64)

/** What a race has, in numbers of the game's own choice. */
const Stats = z.record(StatName, z.number()).refine((stats) => Object.keys(stats).length <= 64, 'must be 64 at most')

/** `planets` and `population` beside `stats` are how engines reported before there were `stats`. */
const PlayerStatus = z
  .object({
    raceName: z.string(),
    eliminated: z.boolean(),
    /** What the players are ranked by. All players of the game may see it. */
    score: z.number().optional(),
    /** The race's orders for the coming turn are stored. All players of the game may see it. */
    ready: z.boolean().optional(),
    stats: Stats.optional(),
    planets: z.number().optional().catch(undefined),
    population: z.number().optional().catch(undefined),
  })
  .transform(({ planets, population, stats, ...player }) => {
    const beside: Record<string, number> = {}
    if (planets !== undefined) beside['planets'] = planets
    if (population !== undefined) beside['population'] = population
    return { ...player, stats: { ...beside, ...stats } }
  })

/** What `GET /admin/status` answers. */
export const EngineStatus = z.object({
  initialized: z.boolean(),
  turn: turnNumber,
  finished: z.boolean(),
  players: z.array(PlayerStatus),
  result: z
    .record(z.string(), z.unknown())
    .transform((result) => z.record(z.string(), z.unknown()).parse(externalJson(result)))
    .optional(),
})
export type EngineStatus = z.output<typeof EngineStatus>

/**
 * What `GET /describe` answers: what clients that do not know the game show of it. The call is optional for engines,
 * needs no epoch, and is answered before the game is initialised.
 */
export const EngineDescription = z.object({
  /** The game's name, for people. */
  name: z.string().min(1).max(64),
  /** JSON Schema of one order. */
  orders: z.record(z.string(), z.unknown()),
  help: z.array(z.object({ verb: z.string().min(1).max(64), text: z.string().max(2000) })).max(200),
  /** Titles of the `stats`. Only a `public` one may be shown to the other players. */
  stats: z
    .array(z.object({ name: StatName, title: z.string().min(1).max(64), public: z.boolean().optional() }))
    .max(64),
})
export type EngineDescription = z.infer<typeof EngineDescription>

export const TurnRequest = z.object({ turn: z.int().min(1) })

export const BanishRequest = z.object({ raceName: z.string().min(1).max(64) })

/** Orders are opaque to the platform: only the engine reads what is inside. */
export const Orders = z.object({
  raceName: z.string().min(1).max(64),
  turn: z.int().min(1),
  orders: z.array(z.unknown()).max(1000),
})
export type Orders = z.infer<typeof Orders>

/**
 * What `POST /orders/validate` answers to the body of `PUT /orders`: an entry for each order, in their sequence. Nothing
 * is stored. The call is optional for engines.
 */
export const ValidatedOrders = z.object({
  orders: z
    .array(z.object({ index: z.int().min(0), ok: z.boolean(), problem: z.string().max(2000).optional() }))
    .max(1000),
})
export type ValidatedOrders = z.infer<typeof ValidatedOrders>

/** What `GET /orders` answers. */
export const StoredOrders = z.object({
  turn: z.int().min(1),
  orders: z.array(z.record(z.string(), z.unknown())).max(1000),
})

/** What `GET /report` answers: opaque to the platform. */
export const Report = z.record(z.string(), z.unknown())

const problemText = (maxLength: number) =>
  z
    .string()
    .transform((text) => externalText(text, { maxLength, multiline: true }))
    .optional()
    .catch(undefined)

/** A problem document (RFC 9457) as an engine sends it; a member of the wrong form counts as absent. */
export const EngineProblem = z.looseObject({
  code: problemText(128),
  detail: problemText(10_000),
  errors: z
    .array(z.unknown().transform((error) => externalJson(error)))
    .max(1000)
    .optional()
    .catch(undefined),
})
