import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createScriptedGame } from '../../test/support/scripted-game.ts'
import { scriptedPlayer } from '../../test/support/scripted-player.ts'
import { createOpenGame } from './open-game.ts'

/** The quickstart at turn 0, with one player who watches; `returned` is what watching gave, if it gave anything yet. */
async function watched() {
  const { client, gateway } = await scriptedPlayer()
  const { orders } = createScriptedGame(gateway)
  const [{ id } = { id: '' }] = await client.games.list()
  const game = createOpenGame(client, await client.games.info(id))
  const patience = new AbortController()
  const watch = () => {
    const seen: { returned?: boolean } = {}
    void game.newTurn(patience.signal).then((news) => (seen.returned = news))
    return async () => {
      await setImmediate()
      return seen.returned
    }
  }
  return { game, orders, watch, giveUp: () => patience.abort() }
}

const turn = (number: number) => ({ turn: number, finished: false })

it('a turn that is known is no news before the player was told of it', async () => {
  const { game, watch } = await watched()
  game.learn(turn(1))
  const returned = watch()
  expect(await returned()).toBeUndefined()
  game.tell()
  expect(await returned()).toBe(true)
})

it('who looked at a turn while it was being told waits for the next one', async () => {
  const { game, watch } = await watched()
  game.learn(turn(1))
  game.looked()
  const returned = watch()
  game.tell()
  expect(await returned()).toBeUndefined()
  game.learn(turn(2))
  game.tell()
  expect(await returned()).toBe(true)
})

it('who gives up is told that there is no news', async () => {
  const { watch, giveUp } = await watched()
  const returned = watch()
  giveUp()
  expect(await returned()).toBe(false)
})

const produce = { type: 'produce', planet: 1, production: { make: 'industry' } }

it('orders that were read for a turn that was made meanwhile are not taken for those of the next', async () => {
  const { game, orders } = await watched()
  orders.set(1, [produce])
  const read = game.readOrders()
  game.learn(turn(1))
  await read
  expect(game.stored()).toEqual([])
  expect(game.draft()).toEqual([])
})

it('orders that were taken just before their turn was made are no longer a draft', async () => {
  const { game } = await watched()
  game.edit([])
  const sent = game.submit()
  game.learn(turn(1))
  await sent
  expect(game.stored()).toEqual([])
  expect(game.isChanged()).toBe(false)
})
