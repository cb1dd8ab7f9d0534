import { z } from 'zod'
import { checkDraft, warnIfNotKept } from './check-draft.ts'
import { knownReport, openGame, type PlayCommand, type Seat } from './command.ts'
import { describeOrder } from './describe-order.ts'
import { lineOf, listOrders, wrongOrders } from './list-orders.ts'
import { Mistake } from './mistake.ts'
import { resolveName } from './names.ts'
import { lookAgain } from './news.ts'
import type { OpenGame } from './open-game.ts'
import { describedVerbs } from './order-schema.ts'
import type { Order, OrderVerb } from './order-verbs.ts'
import { count } from './text.ts'
import { readLine, wholeNumber } from './words.ts'

/** An order of the game's own, as a command. */
export function verbCommand(verb: OrderVerb): PlayCommand {
  return {
    name: verb.name,
    usage: verb.usage,
    summary: verb.summary,
    run: async (seat, { words }) => {
      const game = openGame(seat)
      await addOrder(seat, await withKnownDesign(game, readVerb(verb, words, game)))
    },
  }
}

export const draftCommands: readonly PlayCommand[] = [
  {
    name: 'order',
    usage: 'order <JSON | verb …>',
    summary: 'any order, as the engine takes it',
    run: async (seat, { rest }) => addOrder(seat, await parsedOrder(openGame(seat), rest)),
  },
  { name: 'orders', usage: 'orders', summary: 'your draft, and what is stored', run: showOrders },
  {
    name: 'undo',
    usage: 'undo [number]',
    summary: 'take the last order, or that one, out of the draft',
    run: undo,
  },
  {
    name: 'clear',
    usage: 'clear',
    summary: 'empty the draft',
    run: async (seat) => {
      openGame(seat).edit([])
      seat.print('The draft is empty.')
    },
  },
  {
    name: 'submit',
    usage: 'submit [valid]',
    summary: 'send the draft: it replaces what is stored; "valid" leaves out the orders that the rules refuse',
    run: submit,
  },
]

/** @throws Mistake that says how the verb is used */
function readVerb({ usage, example, read }: OrderVerb, words: readonly string[], { races }: OpenGame): Order {
  const order = read(words, { races })
  if (order) return order
  throw new Mistake(`usage: ${usage}${example === undefined ? '' : `\nfor instance: ${example}`}`)
}

async function addOrder(seat: Seat, order: Order): Promise<void> {
  const game = openGame(seat)
  await game.refresh()
  game.edit([...game.draft(), order])
  const problems = await checkDraft(game)
  seat.print(lineOf(order, game.draft().length - 1, problems, game.knownRules()))
  warnIfNotKept(seat, game)
}

const ShipOrder = z.looseObject({
  type: z.literal('produce'),
  production: z.strictObject({ make: z.literal('ship'), design: z.string() }),
})
const DesignOrder = z.looseObject({ type: z.literal('design'), name: z.string() })

/** Ships to be built, by a design that can be typed in other case; one that nobody knows is left to the rules. */
async function withKnownDesign(game: OpenGame, order: Order): Promise<Order> {
  const ship = ShipOrder.safeParse(order).data
  if (game.knownRules()?.kind !== 'reference' || !ship) return order
  const { designs } = await knownReport(game)
  const drafted = game.draft().flatMap((each) => DesignOrder.safeParse(each).data?.name ?? [])
  const names = [...new Set([...designs.map(({ name }) => name), ...drafted])]
  return { ...order, production: { ...ship.production, design: resolveName(ship.production.design, names, 'design') } }
}

const AnyOrder = z.record(z.string(), z.unknown())

/** JSON, or a verb of a described game, which so may be called like one of our commands. */
async function parsedOrder(game: OpenGame, text: string): Promise<Order> {
  const rules = await game.rules()
  const line = text.startsWith('{') ? undefined : readLine(text)
  if (rules?.kind === 'described' && line && 'name' in line) {
    const verb = describedVerbs(rules.description).find(({ name }) => name.toLowerCase() === line.name)
    if (verb) return readVerb(verb, line.words, game)
  }
  return jsonOrder(text, rules?.kind === 'reference')
}

function jsonOrder(text: string, isReference: boolean): Order {
  const usage = 'usage: order <JSON>'
  try {
    return exactOrder(text)
  } catch (error) {
    if (error instanceof Mistake) throw error
    throw new Mistake(
      isReference ? `${usage}\nfor instance: order {"type": "unload", "group": 2}` : `${usage}, an object`,
    )
  }
}

/** @throws Mistake for a number that would become another one */
function exactOrder(text: string): Order {
  return AnyOrder.parse(
    JSON.parse(text, (name, value: unknown, { source }: { source?: string }) => {
      if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
        throw new Mistake(`${name}: ${source ?? value} is too large to be sent exactly`)
      }
      return value
    }),
  )
}

async function showOrders(seat: Seat): Promise<void> {
  const game = openGame(seat)
  await game.refresh()
  await game.readOrders()
  const lines = listOrders(game.draft(), await checkDraft(game), game.knownRules())
  const state = game.isChanged()
    ? `Your draft for turn ${game.nextTurn()} is not sent; stored are ${count(game.stored().length, 'order')}:`
    : `Stored for turn ${game.nextTurn()}:`
  seat.print([state, ...(lines.length > 0 ? lines : ['  no orders'])].join('\n'))
}

async function undo(seat: Seat, { words: [word] }: { words: readonly string[] }): Promise<void> {
  const game = openGame(seat)
  await game.refresh()
  const number = word === undefined ? game.draft().length : wholeNumber(word)
  const taken = number === undefined ? undefined : game.draft()[number - 1]
  if (!taken) throw new Mistake('there is no such order in the draft')
  game.edit(game.draft().filter((_, index) => index + 1 !== number))
  seat.print(`Taken out: ${describeOrder(taken, game.knownRules())}`)
}

async function submit(seat: Seat, { words: [word] }: { words: readonly string[] }): Promise<void> {
  if (word !== undefined && word.toLowerCase() !== 'valid') throw new Mistake('usage: submit [valid]')
  const game = openGame(seat)
  await game.refresh()
  try {
    if (word === undefined) await submitAll(seat, game)
    else await submitValid(seat, game)
  } catch (error) {
    // Perhaps the turn has been made meanwhile.
    if (!(error instanceof Mistake)) await lookAgain(seat).catch(() => undefined)
    throw error
  }
}

async function submitAll(seat: Seat, game: OpenGame): Promise<void> {
  const draft = game.draft()
  try {
    const { turn, orders } = await game.submit()
    seat.print(`Stored for turn ${turn}: ${count(orders.length, 'order')}.`)
  } catch (error) {
    const problems = wrongOrders(error)
    if (!problems) throw error
    const lines = listOrders(draft, problems, game.knownRules())
    const others = problems.size < draft.length ? "\n'submit valid' stores the others." : ''
    throw new Mistake(`Nothing was stored: the rules refuse some of the orders.\n${lines.join('\n')}${others}\n`, {
      cause: error,
    })
  }
}

/** Leaves out what the rules refuse until they refuse nothing: without one order, another may be wrong. */
async function submitValid(seat: Seat, game: OpenGame): Promise<void> {
  let left = game.draft()
  const refused: string[] = []
  for (;;) {
    try {
      const { turn, orders } = await game.submit(left)
      const leftOut = refused.length > 0 ? ` Left out: ${count(refused.length, 'order')} that the rules refuse:` : ''
      return seat.print([`Stored for turn ${turn}: ${count(orders.length, 'order')}.${leftOut}`, ...refused].join('\n'))
    } catch (error) {
      const problems = wrongOrders(error)
      const wrong = left.filter((_, index) => problems?.has(index))
      if (!problems || wrong.length === 0) throw error
      for (const [index, order] of left.entries()) {
        if (problems.has(index)) refused.push(lineOf(order, index, problems, game.knownRules()))
      }
      left = left.filter((_, index) => !problems.has(index))
      // An empty list would take away what is stored.
      if (left.length === 0) {
        throw new Mistake(['Nothing was stored: the rules refuse all orders.', ...refused].join('\n'), { cause: error })
      }
    }
  }
}
