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

const PlayerStatus = z.object({
  raceName: z.string(),
  planets: z.int().min(0),
  population: z.number().min(0),
  eliminated: z.boolean(),
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
export type EngineStatus = z.infer<typeof EngineStatus>

export const TurnRequest = z.object({ turn: z.int().min(1) })

export const BanishRequest = z.object({ raceName: z.string().min(1).max(64) })

/** Orders are opaque to the platform: only the engine reads what is inside. */
export const Orders = z.object({
  raceName: z.string().min(1).max(64),
  turn: z.int().min(1),
  orders: z.array(z.unknown()).max(1000),
})
export type Orders = z.infer<typeof Orders>

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
