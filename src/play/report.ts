import { z } from 'zod'
import { oneLine } from './text.ts'

const text = z.string().transform(oneLine)
const number = z.number()
const levels = z.object({ drive: number, weapons: number, shields: number, cargo: number })

const Planet = z.object({
  known: z.enum(['own', 'orbit', 'sight', 'chart']),
  id: number,
  x: number,
  y: number,
  name: text.optional(),
  size: number.optional(),
  resources: number.optional(),
  owner: text.nullish(),
  population: number.optional(),
  industry: number.optional(),
  capital: number.optional(),
  colonists: number.optional(),
  effort: number.optional(),
  production: z.object({ make: text, technology: text.optional(), design: text.optional() }).optional(),
})
export type Planet = z.infer<typeof Planet>

const Group = z.object({
  id: number,
  design: text,
  ships: number,
  levels,
  cargo: z.object({ kind: text, amount: number }).nullable(),
  place: z.discriminatedUnion('in', [
    z.object({ in: z.literal('orbit'), planet: number }),
    z.object({ in: z.literal('flight'), from: number, to: number, x: number, y: number }),
  ]),
  unload: z.boolean(),
  speed: number,
  capacity: number,
  turnsLeft: number.optional(),
})
export type Group = z.infer<typeof Group>

const Result = z.object({
  winner: text.nullable(),
  reason: text,
  turn: number,
  standings: z.array(
    z.object({ raceName: text, rank: number, score: number, planets: number, eliminated: z.boolean() }),
  ),
})

const Ships = z.object({ raceName: text, ships: number, mass: number, armed: z.boolean() })

/** What is shown of the report of the reference engine. */
export const Report = z.object({
  raceName: text,
  turn: number,
  finished: z.boolean(),
  result: Result.optional(),
  galaxy: z.object({ width: number, planets: number, victoryShare: number }),
  you: z.object({
    technologies: levels,
    planets: number,
    population: number,
    industry: number,
    effort: number,
    ships: number,
    score: number,
    eliminated: z.boolean(),
  }),
  races: z.array(
    z.object({ raceName: text, planets: number, eliminated: z.boolean(), yourStance: text, theirStance: text }),
  ),
  planets: z.array(Planet),
  groups: z.array(Group),
  designs: z.array(levels.extend({ name: text, attack: number, mass: number, speed: number, capacity: number })),
  sightings: z.array(Ships.extend({ x: number, y: number, planet: number.optional() })),
  incoming: z.array(Ships.extend({ to: number, turns: number })),
  battles: z.array(
    z.object({
      planet: number,
      sides: z.array(z.object({ raceName: text, design: text, ships: number, lost: number })),
    }),
  ),
  happenings: z.array(z.object({ kind: text, text })),
  messages: z.array(z.object({ from: text, text })),
  rejectedOrders: z.array(z.object({ index: number, message: text })),
  rules: z.object({ nextTurn: number, ordersAccepted: z.boolean() }),
})
export type Report = z.infer<typeof Report>

/** Undefined when the game has other rules than the reference engine's. */
export function readReport(report: unknown): Report | undefined {
  const parsed = Report.safeParse(report)
  return parsed.success ? parsed.data : undefined
}

export function planetOf({ planets }: Report, id: number): Planet | undefined {
  return planets.find((planet) => planet.id === id)
}

/** `5 New Terra`, or just `5` when its name is not known. */
export function planetTitle(report: Report, id: number): string {
  return [id, planetOf(report, id)?.name].filter(Boolean).join(' ')
}

export function distance(one: { x: number; y: number }, other: { x: number; y: number }): number {
  return Math.hypot(one.x - other.x, one.y - other.y)
}
