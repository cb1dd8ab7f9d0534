import { z } from 'zod'
import { CommandRefused, GatewayRefused, GatewayUntrusted, SignedOut } from '../client/index.ts'
import { describeOrder } from './describe-order.ts'
import type { Order } from './order-verbs.ts'

/** Something that was typed cannot be done; the message says why. */
export class Mistake extends Error {
  override name = 'Mistake'
}

/** What a player is told of an error; undefined when it is a bug of ours. */
export function explainError(error: unknown): string | undefined {
  if (error instanceof Mistake) return error.message
  if (error instanceof SignedOut) return 'This device is signed out. Start again to sign in.'
  if (error instanceof GatewayUntrusted) return `What arrived cannot be trusted and was thrown away: ${error.message}`
  if (error instanceof CommandRefused || error instanceof GatewayRefused) return `${error.message} (${error.code})`
  return undefined
}

const WrongOrders = z.array(z.object({ index: z.number(), message: z.string() }))

/** The orders as they were sent, with what is wrong beside each; undefined when the error is about something else. */
export function explainWrongOrders(error: unknown, orders: readonly Order[]): string | undefined {
  if (!(error instanceof CommandRefused)) return undefined
  const wrong = WrongOrders.safeParse(error.problem['errors'])
  if (!wrong.success) return undefined
  const lines = orders.map((order, index) => {
    const messages = wrong.data.filter((each) => each.index === index).map(({ message }) => message)
    const mark = messages.length > 0 ? `  <- ${messages.join('; ')}` : ''
    return `  ${index + 1}. ${describeOrder(order)}${mark}`
  })
  return `Nothing was stored: the rules refuse some of the orders.\n${lines.join('\n')}\n`
}
