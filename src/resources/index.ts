export { type CustomResourceDefinition, customResourceDefinitions, type PrinterColumn } from './crd.ts'
export { EngineVersion, engineVersionKind } from './engine-version.ts'
export { askedTurn, forceTurnAnnotation } from './forced-turn.ts'
export { Game, gameKind } from './game.ts'
export { gameViolations } from './admission.ts'
export type { GameSpec } from './game-spec.ts'
export type { EngineState, GamePhase, GameStatus, TurnState } from './game-status.ts'
export { engineFinalizer, inUseFinalizer, reconcileAnnotation } from './group.ts'
export {
  hibernatedReason,
  idleAfterMs,
  isHibernated,
  isWanted,
  lastActivityAnnotation,
  wakeAnnotation,
} from './hibernation.ts'
export { type CustomKind, customKinds } from './kinds.ts'
export type { Violation } from './rules.ts'
export { Quantity } from './quantity.ts'
