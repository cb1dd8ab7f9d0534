import type { Game } from './game.ts'

/**
 * Asks for one turn now, by any value that it has not had before, as `spec.turns.forceToken` does: for whoever has no say
 * in the spec. What declares the spec (in Git, say) would put a token back, which is another change of it.
 */
export const forceTurnAnnotation = 'galaxy.dev/force-turn'

/** The value that asks for a turn and has not been acted upon yet. */
export function askedTurn({ metadata, status }: Game): string | undefined {
  const wish = metadata.annotations[forceTurnAnnotation]
  return wish === status.turn?.forceTurn ? undefined : wish
}
