import { z } from 'zod'
import { CommandRefused } from '../client/index.ts'
import { describeOrder } from './describe-order.ts'
import type { Order } from './order-verbs.ts'
import type { Rules } from './rules.ts'
import { clipped, longestMessage, oneLine } from './text.ts'

/** What the rules say against orders, by the order's place from 0. */
export type Problems = ReadonlyMap<number, string>

const WrongOrder = z
  .object({ index: z.int().min(0), message: z.string().optional(), problem: z.string().optional() })
  .transform(({ index, message, problem }) => ({ index, problem: message ?? problem ?? 'refused' }))

/** Which of the orders that were sent are wrong; undefined when the error is about something else. */
export function wrongOrders(error: unknown): Problems | undefined {
  if (!(error instanceof CommandRefused)) return undefined
  const wrong = z.array(WrongOrder).min(1).safeParse(error.problem['errors'])
  return wrong.success ? problemsOf(wrong.data) : undefined
}

export function problemsOf(wrong: readonly { index: number; problem: string }[]): Problems {
  const problems = new Map<number, string>()
  for (const { index, problem } of wrong) {
    const before = problems.get(index)
    const text = clipped(oneLine(problem), longestMessage)
    problems.set(index, before === undefined ? text : `${before}; ${text}`)
  }
  return problems
}

/** The orders, numbered, with what is wrong beside each. */
export function listOrders(
  orders: readonly Order[],
  problems: Problems | undefined,
  rules: Rules | undefined,
): string[] {
  return orders.map((order, index) => lineOf(order, index, problems, rules))
}

export function lineOf(order: Order, index: number, problems: Problems | undefined, rules: Rules | undefined): string {
  const problem = problems?.get(index)
  return `  ${index + 1}. ${oneLine(describeOrder(order, rules))}${problem === undefined ? '' : `  <- ${problem}`}`
}
