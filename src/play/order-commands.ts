import { z } from 'zod'
import { openGame, type PlayCommand, type Seat } from './command.ts'
import { describeOrder } from './describe-order.ts'
import { explainWrongOrders, Mistake } from './explain-error.ts'
import { lookAgain } from './news.ts'
import { type Order, orderVerbs } from './order-verbs.ts'
import { count } from './text.ts'
import { wholeNumber } from './words.ts'

export const orderCommands: readonly PlayCommand[] = [
  ...orderVerbs.map((verb): PlayCommand => ({
    name: verb.name,
    usage: verb.usage,
    summary: verb.summary,
    run: async (seat, { words }) => {
      const order = verb.read(words)
      if (!order) throw new Mistake(`usage: ${verb.usage}\nfor instance: ${verb.example}`)
      addOrder(seat, order)
    },
  })),
  {
    name: 'order',
    usage: 'order <JSON>',
    summary: 'any order, as the engine takes it',
    run: async (seat, { rest }) => addOrder(seat, parsedOrder(rest)),
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
  { name: 'submit', usage: 'submit', summary: 'send the draft: it replaces what is stored', run: submit },
]

function addOrder(seat: Seat, order: Order): void {
  const game = openGame(seat)
  game.edit([...game.draft(), order])
  seat.print(`  ${game.draft().length}. ${describeOrder(order)}`)
}

const AnyOrder = z.record(z.string(), z.unknown())

function parsedOrder(text: string): Order {
  try {
    return AnyOrder.parse(JSON.parse(text))
  } catch {
    throw new Mistake('usage: order <JSON>\nfor instance: order {"type": "unload", "group": 2}')
  }
}

async function showOrders(seat: Seat): Promise<void> {
  const game = openGame(seat)
  await game.readOrders()
  const lines = game.draft().map((order, index) => `  ${index + 1}. ${describeOrder(order)}`)
  const state = game.isChanged()
    ? `Your draft for turn ${game.nextTurn()} is not sent; stored are ${count(game.stored().length, 'order')}:`
    : `Stored for turn ${game.nextTurn()}:`
  seat.print([state, ...(lines.length > 0 ? lines : ['  no orders'])].join('\n'))
}

async function undo(seat: Seat, { words: [word] }: { words: readonly string[] }): Promise<void> {
  const game = openGame(seat)
  const number = word === undefined ? game.draft().length : wholeNumber(word)
  const taken = number === undefined ? undefined : game.draft()[number - 1]
  if (!taken) throw new Mistake('there is no such order in the draft')
  game.edit(game.draft().filter((_, index) => index + 1 !== number))
  seat.print(`Taken out: ${describeOrder(taken)}`)
}

async function submit(seat: Seat): Promise<void> {
  const game = openGame(seat)
  const draft = game.draft()
  try {
    const { turn, orders } = await game.submit()
    seat.print(`Stored for turn ${turn}: ${count(orders.length, 'order')}.`)
  } catch (error) {
    const told = explainWrongOrders(error, draft)
    if (told === undefined) {
      // Perhaps the turn has been made meanwhile.
      await lookAgain(seat).catch(() => undefined)
      throw error
    }
    throw new Mistake(told, { cause: error })
  }
}
