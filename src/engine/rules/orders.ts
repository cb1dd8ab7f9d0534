import { z } from 'zod'
import { Production, Technology } from './model.ts'

const planet = z.int().min(1)
const group = z.int().min(1)
const ships = z.int().min(1)
const raceName = z.string().min(1).max(64)
const name = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._'-]*$/u, "must be letters, digits, spaces and . _ ' - only")
/** A part of a ship: none, or at least 1. */
const part = z
  .number()
  .min(0)
  .max(10_000)
  .refine((value) => value === 0 || value >= 1, 'must be 0, or at least 1')

/** Everything a race can order. The README shows each with an example. */
export const Order = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('produce'), planet, production: Production }),
  z
    .strictObject({
      type: z.literal('design'),
      name,
      drive: part,
      attack: part.default(0),
      weapons: z.int().min(0).max(1000).default(0),
      shields: part.default(0),
      cargo: part.default(0),
    })
    .refine(({ attack, weapons }) => attack > 0 === weapons > 0, 'attack and weapons must both be 0 or both be more')
    .refine((order) => order.drive + order.weapons + order.shields + order.cargo > 0, 'a ship must have some part'),
  z.strictObject({
    type: z.literal('send'),
    group,
    to: planet,
    ships: ships.optional(),
    unload: z.boolean().default(false),
  }),
  z.strictObject({
    type: z.literal('load'),
    group,
    cargo: z.enum(['colonists', 'capital']),
    amount: z.number().positive().optional(),
  }),
  z.strictObject({ type: z.literal('unload'), group }),
  z.strictObject({ type: z.literal('scrap'), group, ships: ships.optional() }),
  z.strictObject({ type: z.literal('stance'), raceName, stance: z.enum(['war', 'peace']) }),
  z.strictObject({ type: z.literal('rename'), planet, name }),
  z.strictObject({ type: z.literal('message'), raceName, text: z.string().min(1).max(500) }),
])
export type Order = z.infer<typeof Order>

/** One of each, to show in reports what can be ordered. */
export const orderExamples: readonly z.input<typeof Order>[] = [
  { type: 'produce', planet: 1, production: { make: 'ship', design: 'Hauler' } },
  { type: 'produce', planet: 1, production: { make: 'research', technology: Technology.enum.drive } },
  { type: 'produce', planet: 1, production: { make: 'industry' } },
  { type: 'produce', planet: 1, production: { make: 'colonists' } },
  { type: 'design', name: 'Cruiser', drive: 20, attack: 10, weapons: 3, shields: 15, cargo: 0 },
  { type: 'load', group: 2, cargo: 'colonists', amount: 7.5 },
  { type: 'send', group: 2, ships: 1, to: 5, unload: true },
  { type: 'unload', group: 2 },
  { type: 'scrap', group: 1, ships: 1 },
  { type: 'stance', raceName: 'Vegans', stance: 'peace' },
  { type: 'rename', planet: 1, name: 'New Terra' },
  { type: 'message', raceName: 'Vegans', text: 'Peace?' },
]

/** What each type of order does, in one line. */
export const orderHelp: readonly { verb: Order['type']; text: string }[] = [
  {
    verb: 'produce',
    text: 'What a planet makes: industry, colonists, research of a technology, or ships of a design.',
  },
  { verb: 'design', text: 'A new type of ship. Each part is 0 or at least 1; weapons is the number of guns.' },
  { verb: 'send', text: 'A group flies to a planet: all its ships, or so many. With unload, it unloads on arrival.' },
  {
    verb: 'load',
    text: 'A group in orbit of your planet takes colonists or capital aboard: all it has room for, or so much.',
  },
  { verb: 'unload', text: 'A group in orbit unloads.' },
  { verb: 'scrap', text: 'Breaks up the ships of a group in orbit: all, or so many.' },
  { verb: 'stance', text: 'War or peace with another race.' },
  { verb: 'rename', text: 'Gives a planet of yours another name.' },
  { verb: 'message', text: 'Writes to another race. It is delivered with the report of the turn.' },
]

/** What is wrong with an order's form, in one line; the order itself when nothing is. */
export function readOrder(given: unknown): Order | string {
  const parsed = Order.safeParse(given)
  if (parsed.success) return parsed.data
  return parsed.error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ')
}
