import { z } from 'zod'
import { GameSettings } from './settings.ts'

const technologies = ['drive', 'weapons', 'shields', 'cargo'] as const
export const Technology = z.enum(technologies)
export type Technology = z.infer<typeof Technology>

const amount = z.number().min(0)

/** Levels of each technology; a race starts with 1 in all. */
export const Levels = z.object({ drive: amount, weapons: amount, shields: amount, cargo: amount })
export type Levels = z.infer<typeof Levels>

export const Design = z.object({
  name: z.string(),
  drive: amount,
  attack: amount,
  weapons: z.int().min(0),
  shields: amount,
  cargo: amount,
})
export type Design = z.infer<typeof Design>

export const Production = z.discriminatedUnion('make', [
  z.strictObject({ make: z.literal('industry') }),
  z.strictObject({ make: z.literal('colonists') }),
  z.strictObject({ make: z.literal('research'), technology: Technology }),
  z.strictObject({ make: z.literal('ship'), design: z.string().min(1).max(32) }),
])
export type Production = z.infer<typeof Production>

export const Planet = z.object({
  id: z.int().min(1),
  name: z.string(),
  x: z.number(),
  y: z.number(),
  size: amount,
  resources: amount,
  owner: z.string().nullable(),
  population: amount,
  industry: amount,
  capital: amount,
  colonists: amount,
  production: Production,
  /** Effort already spent on the ship that is being built. */
  progress: amount,
})
export type Planet = z.infer<typeof Planet>

export const Cargo = z.object({ kind: z.enum(['colonists', 'capital']), amount })
export type Cargo = z.infer<typeof Cargo>

/** In orbit of a planet, or on the way: `x` and `y` are where it is now. */
const Place = z.discriminatedUnion('in', [
  z.object({ in: z.literal('orbit'), planet: z.int() }),
  z.object({ in: z.literal('flight'), from: z.int(), to: z.int(), x: z.number(), y: z.number() }),
])
export type Place = z.infer<typeof Place>

export const Group = z.object({
  /** Unique within its owner. */
  id: z.int().min(1),
  owner: z.string(),
  design: Design,
  ships: z.int().min(0),
  /** What the owner knew when the ships were built; it stays with them. */
  levels: Levels,
  cargo: Cargo.nullable(),
  place: Place,
  /** Unloads as soon as it is in orbit. */
  unload: z.boolean(),
})
export type Group = z.infer<typeof Group>

export const Race = z.object({
  name: z.string(),
  levels: Levels,
  designs: z.array(Design),
  /** Those it keeps peace with; it is at war with everyone else. */
  peaceWith: z.array(z.string()),
  nextGroup: z.int().min(1),
  eliminated: z.boolean(),
})
export type Race = z.infer<typeof Race>

export const Standing = z.object({
  raceName: z.string(),
  rank: z.int(),
  score: z.number(),
  planets: z.int(),
  population: z.number(),
  eliminated: z.boolean(),
})
export type Standing = z.infer<typeof Standing>

export const Result = z.object({
  winner: z.string().nullable(),
  reason: z.enum(['last_race_standing', 'planets', 'score', 'all_eliminated']),
  turn: z.int(),
  standings: z.array(Standing),
})
export type Result = z.infer<typeof Result>

/** All there is to know of a game after a turn. Everything that is generated next follows from it and the orders. */
export const World = z.object({
  turn: z.int().min(0),
  seed: z.string(),
  settings: GameSettings,
  /** Side of the square that the planets lie in, in light years. */
  width: z.number(),
  planets: z.array(Planet),
  races: z.array(Race),
  groups: z.array(Group),
  result: Result.optional(),
})
export type World = z.infer<typeof World>
