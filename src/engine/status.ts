import type { EngineStatus } from '../engine-contract/model.ts'
import { planetsOf, type Planet, rounded, scoreOf, sum, type World } from './rules/index.ts'

/** What has happened to the races since the turn was made. */
export type SinceTurn = {
  banished: readonly string[]
  /** Races whose orders for the coming turn are stored. */
  ordered: ReadonlySet<string>
}

/** What the platform may know of the game. A race that was banished is out at once, though its planets fall later. */
export function statusOf(world: World | undefined, { banished, ordered }: SinceTurn): EngineStatus {
  if (!world) return { initialized: false, turn: 0, finished: false, players: [] }
  return {
    initialized: true,
    turn: world.turn,
    finished: world.result !== undefined,
    players: world.races.map((race) => {
      const planets = planetsOf(world, race.name)
      const total = (of: (planet: Planet) => number) => rounded(sum(planets, of))
      return {
        raceName: race.name,
        eliminated: race.eliminated || banished.includes(race.name),
        score: scoreOf(world, race),
        ready: ordered.has(race.name),
        stats: {
          planets: planets.length,
          population: total(({ population }) => population),
          industry: total(({ industry }) => industry),
        },
      }
    }),
    ...(world.result ? { result: { ...world.result } } : {}),
  }
}
