import type { EngineStatus, InitRequest, Orders } from '../engine-contract/index.ts'
import { Refusal } from '../platform/errors.ts'
import {
  createWorld,
  generateTurn,
  planetsOf,
  type RaceReport,
  raceOf,
  readGameSettings,
  reportAll,
  rounded,
  sum,
  World,
} from './rules/index.ts'
import type { TurnRecord } from './state-store.ts'

/** A world as it stands before the next turn, and who was banished since it was made. */
export type Standing = { world: World; banished: readonly string[] }

/** Reads what was stored. */
export function readWorld(stored: unknown): World {
  return World.parse(stored)
}

/**
 * Refuses a game that cannot be played.
 * @throws Refusal `invalid_settings` naming each wrong field
 */
export function checkInit({ players, settings }: InitRequest): void {
  readGameSettings(settings)
  const names = players.map(({ raceName }) => raceName)
  const errors = names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [{ field: `players[${index}].raceName`, message: `another player has the name "${name}" too` }]
      : [],
  )
  if (errors.length === 0) return
  const said = errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
  throw new Refusal('unprocessable', 'invalid_settings', said, { details: { errors } })
}

/** Turn 0. */
export function firstTurn({ gameId, players, settings }: InitRequest): TurnRecord {
  const raceNames = players.map(({ raceName }) => raceName)
  const world = createWorld({ gameId, raceNames, settings: readGameSettings(settings) })
  return recordOf(world, reportAll(world))
}

/** The turn after this one. */
export function nextTurn({ world, banished }: Standing, orders: readonly Orders[]): TurnRecord {
  const generated = generateTurn(world, { orders, banished })
  return recordOf(generated.world, generated.reports)
}

function recordOf(world: World, reports: RaceReport[]): TurnRecord {
  return { turn: world.turn, answer: JSON.stringify(statusOf({ world, banished: [] })), world, reports }
}

/** What the platform is told of a game. */
export function statusOf(standing: Standing | undefined): EngineStatus {
  if (!standing) return { initialized: false, turn: 0, finished: false, players: [] }
  const { world } = standing
  return {
    initialized: true,
    turn: world.turn,
    finished: world.result !== undefined,
    players: world.races.map(({ name }) => playerStatus(standing, name)),
    ...(world.result ? { result: world.result } : {}),
  }
}

function playerStatus(standing: Standing, raceName: string) {
  const eliminated = !isInPlay(standing, raceName)
  const planets = eliminated ? [] : planetsOf(standing.world, raceName)
  return {
    raceName,
    planets: planets.length,
    population: rounded(sum(planets, ({ population }) => population)),
    eliminated,
  }
}

/**
 * False when the race was eliminated or banished.
 * @throws Refusal `unknown_race`
 */
export function isInPlay({ world, banished }: Standing, raceName: string): boolean {
  const race = raceOf(world, raceName)
  if (!race) throw new Refusal('missing', 'unknown_race', `There is no race "${raceName}" in this game.`)
  return !race.eliminated && !banished.includes(raceName)
}
