import { z } from 'zod'
import { isRawNumber, type RawNumber } from '../../platform/json.ts'
import { fieldPath } from '../../platform/input.ts'
import { Refusal } from '../../platform/errors.ts'

/** Planets for each player. */
export const sizes = { tiny: 6, small: 10, medium: 15, large: 25 } as const

/** An integer that JavaScript would round, as text. */
const largeInteger = z
  .custom<RawNumber>((value) => isRawNumber(value) && /^-?\d{1,64}$/.test(value.rawJSON))
  .transform(({ rawJSON }) => rawJSON)

/** What a game may be told at its creation. The same settings and players make the same galaxy. */
export const GameSettings = z.strictObject({
  /** A number or a word; without one the game's id serves. */
  seed: z
    .union([z.int(), z.string().max(64), largeInteger], 'must be a whole number or a text of at most 64 characters')
    .optional(),
  size: z.enum(['tiny', 'small', 'medium', 'large']).default('small'),
  /** The part of all planets that wins the game when one race holds it. */
  victoryShare: z.number().min(0.1).max(1).default(0.6),
  /** The game ends after this turn at the latest, and the highest score wins. */
  maxTurns: z.int().min(1).max(100_000).optional(),
})
export type GameSettings = z.infer<typeof GameSettings>

/**
 * Reads the settings of an init call.
 * @throws Refusal `invalid_settings` naming every wrong or unknown field
 */
export function readGameSettings(given: unknown): GameSettings {
  const parsed = GameSettings.safeParse(given)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: fieldPath(['settings', key]), message: `there is no such setting` }))
      : [{ field: fieldPath(['settings', ...issue.path]), message: issue.message }],
  )
  const said = errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
  throw new Refusal('unprocessable', 'invalid_settings', said, { details: { errors } })
}
