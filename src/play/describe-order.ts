import { z } from 'zod'
import { describeByForm } from './order-schema.ts'
import type { Order } from './order-verbs.ts'
import type { Rules } from './rules.ts'
import { quoted } from './words.ts'

const number = z.number()
const optional = z.number().optional()

/** The orders that have a short form. Anything else is shown as it is. */
const Known = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('produce'),
    planet: number,
    production: z.strictObject({
      make: z.string(),
      technology: z.string().optional(),
      design: z.string().optional(),
    }),
  }),
  z.strictObject({
    type: z.literal('design'),
    name: z.string(),
    drive: number,
    attack: number.default(0),
    weapons: number.default(0),
    shields: number.default(0),
    cargo: number.default(0),
  }),
  z.strictObject({ type: z.literal('load'), group: number, cargo: z.string(), amount: optional }),
  z.strictObject({
    type: z.literal('send'),
    group: number,
    to: number,
    ships: optional,
    unload: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('unload'), group: number }),
  z.strictObject({ type: z.literal('scrap'), group: number, ships: optional }),
  z.strictObject({ type: z.literal('stance'), raceName: z.string(), stance: z.string() }),
  z.strictObject({ type: z.literal('rename'), planet: number, name: z.string() }),
  z.strictObject({ type: z.literal('message'), raceName: z.string(), text: z.string() }),
])

/** An order as one would type it in a game of these rules. */
export function describeOrder(order: Order, rules?: Rules): string {
  if (rules?.kind === 'described') return describeByForm(rules.description, order) ?? asJson(order)
  if (rules?.kind === 'unknown') return asJson(order)
  const known = Known.safeParse(order)
  if (!known.success) return asJson(order)
  const words = wordsOf(known.data).filter((word) => word !== undefined)
  return [known.data.type, ...words.map(String)].join(' ')
}

function asJson(order: Order): string {
  return `order ${JSON.stringify(order)}`
}

function wordsOf(order: z.infer<typeof Known>): readonly (string | number | undefined)[] {
  switch (order.type) {
    case 'produce': {
      const { make, technology, design } = order.production
      return [order.planet, make, technology, design === undefined ? undefined : quoted(design)]
    }
    case 'design':
      return [quoted(order.name), order.drive, order.attack, order.weapons, order.shields, order.cargo]
    case 'load':
      return [order.group, order.cargo, order.amount]
    case 'send':
      return [order.group, order.to, order.ships, order.unload ? 'unload' : undefined]
    case 'unload':
      return [order.group]
    case 'scrap':
      return [order.group, order.ships]
    case 'stance':
      return [quoted(order.raceName), order.stance]
    case 'rename':
      return [order.planet, quoted(order.name)]
    case 'message':
      return [quoted(order.raceName), order.text]
  }
}
