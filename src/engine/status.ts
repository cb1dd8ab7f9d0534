import type { EngineStatus } from '../engine-contract/model.ts'
import { planetsOf, rounded, sum, type World } from './rules/index.ts'

/** What the platform may know of the game. A race that was banished is out at once, though its planets fall later. */
export function statusOf(world: World | undefined, banished: readonly string[]): EngineStatus {
  if (!world) return { initialized: false, turn: 0, finished: false, players: [] }
  return {
    initialized: true,
    turn: world.turn,
    finished: world.result !== undefined,
    players: world.races.map(({ name, eliminated }) => {
      const planets = planetsOf(world, name)
      return {
        raceName: name,
        planets: planets.length,
        population: rounded(sum(planets, ({ population }) => population)),
        eliminated: eliminated || banished.includes(name),
      }
    }),
    ...(world.result ? { result: { ...world.result } } : {}),
  }
}
