import {
  type EngineAddress,
  EngineError,
  type EngineStatus,
  type PlayerEngineClient,
} from '../../engine-contract/index.ts'
import type { Log } from '../../platform/log.ts'
import type { Game } from '../../resources/index.ts'
import { engineOf } from './engine-calls.ts'

export type StandingsDeps = { engines: Pick<PlayerEngineClient, 'status' | 'describe'>; log: Log }

export type RaceStanding = EngineStatus['players'][number]

/** How the races of a game stand, by name, and which of their stats everybody may see. */
export type Standings = { races: ReadonlyMap<string, RaceStanding>; publicStats: ReadonlySet<string> }

const unknownStandings: Standings = { races: new Map(), publicStats: new Set() }

/** Standings only decorate what is known without the engine, so nobody waits longer for them. */
const timeoutMs = 1000

/**
 * Asks a game's engine how the races stand. An engine that sleeps is not woken for it.
 * @returns no races while the engine does not say
 */
export function createStandings({ engines, log }: StandingsDeps) {
  return async function standingsOf(game: Game): Promise<Standings> {
    const engine = engineOf(game)
    if (!engine) return unknownStandings
    const [status, publicStats] = await Promise.all([askStatus(engine, game), askPublicStats(engine)])
    return { races: new Map((status?.players ?? []).map((player) => [player.raceName, player])), publicStats }
  }

  async function askStatus(engine: EngineAddress, { metadata }: Game): Promise<EngineStatus | undefined> {
    try {
      return await engines.status(engine, { timeoutMs })
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      const { uid, name, namespace } = metadata
      log.debug({ err: error, game: { uid, name, namespace } }, 'the engine does not say how the races stand')
      return undefined
    }
  }

  /** Stats may tell what the players hide from each other: none is public unless the engine says so. */
  async function askPublicStats(engine: EngineAddress): Promise<ReadonlySet<string>> {
    try {
      const { stats } = await engines.describe(engine, { timeoutMs })
      return new Set(stats.filter((stat) => stat.public).map(({ name }) => name))
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      return unknownStandings.publicStats
    }
  }
}
