import type { EngineAddress, InitRequest } from '../../engine-contract/index.ts'
import type { GameStatus } from '../../resources/index.ts'
import type { EngineSpec } from '../hosts/index.ts'

/** One engine to call: where it listens, and the fencing number and the game to call it for. */
export type EngineTarget = EngineAddress & { ref: string }

/** What to change. Each action is safe to repeat: a crash between any two is repaired by the next pass. */
export type Action =
  | { do: 'addFinalizer' }
  | { do: 'pull'; image: string }
  | { do: 'start'; spec: EngineSpec }
  | { do: 'awaitHealthy'; engine: EngineTarget; deadline: Date }
  | { do: 'init'; engine: EngineTarget; body: InitRequest }
  | { do: 'runTurn'; engine: EngineTarget; turn: number; dueAt: Date | undefined }
  | { do: 'annotate'; safeToEvict: boolean }
  | { do: 'growData'; size: string }
  | { do: 'stop' }
  | { do: 'removeEngine' }
  | { do: 'removeData' }
  | { do: 'releaseFinalizer' }
  | { do: 'deleteGame' }

export type GameEvent = { type: 'Normal' | 'Warning'; reason: string; message: string }

export type Plan = {
  /** The status to write before any action. */
  status: GameStatus
  /** To tell once that status is written. */
  events: readonly GameEvent[]
  /** In this order; one that fails ends the pass. */
  actions: readonly Action[]
  /** When to look again although nothing happened. */
  againAt: Date | undefined
}
