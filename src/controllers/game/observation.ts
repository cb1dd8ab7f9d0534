import type { EngineStatus } from '../../engine-contract/index.ts'
import type { EngineVersion, Game, Violation } from '../../resources/index.ts'
import type { DataVolume, EngineInstance, Runtime } from '../hosts/index.ts'
import type { Silence } from './silence.ts'

/** How the newest running engine answered when this pass began. */
export type Probe =
  | { state: 'healthy'; status: EngineStatus }
  /** No answer, or not in time. */
  | { state: 'unreachable'; message: string }
  /** It answers, but not what the contract says, or it refuses (a stale epoch). */
  | { state: 'nonsense'; message: string }

/** What the world looked like when this pass began. */
export type Observation = {
  game: Game
  now: Date
  runtime: Runtime
  /** What is wrong with the spec: only where nothing refused it at admission. */
  violations: readonly Violation[]
  /** Those that a Game of this namespace may choose from; the Game's own namespace first. */
  engineVersions: readonly EngineVersion[]
  /** The host's engines of this game, newest epoch first. */
  engines: readonly EngineInstance[]
  /** The game's volume; absent when there is none, or none that has a size. */
  data?: DataVolume | undefined
  /** Why no machine can fetch the image for now that the game wants and has not got; absent when that is not so. */
  unfetched?: string | undefined
  /** Of the newest running engine; absent when there is none or it does not matter. */
  probe: Probe | undefined
  /** How the engines of all games answer; absent where nobody counts. */
  silence?: Silence | undefined
}
