import { z } from 'zod'
import { fieldPath } from '../platform/input.ts'
import { EngineVersionSpec } from './engine-version.ts'
import { engineVersionRules } from './engine-version-rules.ts'
import { gameRules } from './game-rules.ts'
import { GameSpec } from './game-spec.ts'
import { GameStatus } from './game-status.ts'
import { type Rule, type Violation, violationsOf } from './rules.ts'

/**
 * What is wrong with an object of one of our kinds that already has the shape of its schema (structurally valid,
 * defaulted, pruned). `old` is the stored object on an update.
 */
export type Admission = (object: unknown, old: unknown) => Violation[]

function admit<T extends z.ZodType>(schema: T, rules: readonly Rule<z.output<T>>[]): Admission {
  return (object, old) => {
    const parsed = schema.safeParse(object)
    if (!parsed.success) {
      return parsed.error.issues.map(({ path, message, input }) => ({ field: fieldPath(path), value: input, message }))
    }
    return violationsOf(rules, parsed.data, old === undefined ? undefined : schema.safeParse(old).data)
  }
}

export const admitGame = admit(z.object({ spec: GameSpec, status: GameStatus.default({}) }), gameRules)

/** What the rules say of a Game that has been read with its schema: the same as `admitGame`, for less. */
export const gameViolations = (game: Parameters<(typeof gameRules)[number]['violations']>[0]): Violation[] =>
  violationsOf(gameRules, game, undefined)

export const admitEngineVersion = admit(z.object({ spec: EngineVersionSpec }), engineVersionRules)
