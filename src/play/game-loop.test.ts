import { PassThrough } from 'node:stream'
import { Code } from '@connectrpc/connect'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually, patienceMs } from '../../test/support/eventually.ts'
import { createScriptedGame } from '../../test/support/scripted-game.ts'
import { gatewayError, type ScriptedGateway } from '../../test/support/scripted-gateway.ts'
import { scriptedPlayer } from '../../test/support/scripted-player.ts'
import { completions } from './commands.ts'
import { createDrafts, type Drafts } from './drafts.ts'
import { playGames } from './game-loop.ts'
import { createTerminal } from './terminal.ts'

type Visiting = { game?: string; listed?: boolean; drafts?: Drafts; alter?: (gateway: ScriptedGateway) => void }

/** A player in a pipe: `type` gives lines, `said` is everything that was printed. */
async function visit({ game, listed = true, drafts, alter }: Visiting = {}) {
  const { client, gateway } = await scriptedPlayer()
  const played = createScriptedGame(gateway, { listed })
  alter?.(gateway)
  const input = new PassThrough()
  const output = new PassThrough()
  onTestFinished(() => void input.end())
  let text = ''
  output.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const terminal = createTerminal({ input, output, interactive: false })
  const ended = playGames(client, { terminal, game, drafts })
  const said = () => text
  await eventually(() => gateway.openStreams() === 1)
  return {
    gateway,
    game: played,
    said,
    ended,
    type: (...lines: string[]) => void input.write(lines.map((line) => `${line}\n`).join('')),
    close: () => void input.end(),
    until: (what: string | RegExp) => eventually(() => text.match(what) !== null, patienceMs, said),
  }
}

describe('a visit', () => {
  it('opens the only game, takes orders in their short form, stores them, and tells of the turn they made', async () => {
    const { type, until, said, game, close, ended } = await visit()
    await until('Quickstart: you play Terrans. Turn 0 is complete')
    const home = game.report(0)?.planets.find(({ known }) => known === 'own')?.id ?? 0
    type('report', `produce ${home} research drive`, 'load 2 colonists 3', 'order {"type":"unload","group":2}')
    type('orders', 'undo 3', 'submit', 'orders')
    await until('Stored for turn 1: 2 orders.')
    expect(game.orders.get(1)).toEqual([
      { type: 'produce', planet: home, production: { make: 'research', technology: 'drive' } },
      { type: 'load', group: 2, cargo: 'colonists', amount: 3 },
    ])
    expect(said()).toContain('Your draft for turn 1 is not sent; stored are 0 orders:')
    expect(said()).toContain('Taken out: unload 2')
    await until(/Stored for turn 1:\n {2}1\. /)

    type('watch', 'ships')
    game.nextTurn()
    await until('Turn 1 is complete.\nYour ships')
    expect(said()).toContain('quickstart: turn 1 is complete. It is your turn.\nTurn 1: Terrans')
    expect(said()).toContain('3 colonists')
    close()
    expect(await ended).toEqual({ failed: false, signedOut: false })
  })

  it('watch does not wait for a turn that came before it was typed', async () => {
    const { type, until, game, close, ended } = await visit()
    await until('Turn 0 is complete')
    game.nextTurn()
    // Told of by its event, or by the first look around when that comes later.
    await until('quickstart: turn 1 is complete.')
    type('watch')
    await until(/^Turn 1 is complete\.$/m)
    type('watch 1')
    await until('turn 2 is not complete yet')
    close()
    expect(await ended).toMatchObject({ failed: true })
  })

  it('shows each order that the rules refuse, beside the order', async () => {
    const { type, until, game, close, ended } = await visit()
    type('send 1 999', 'unload 77', 'submit')
    await until('1. send 1 999  <- to: there is no planet 999')
    await until('2. unload 77  <- group: you have no group 77')
    expect(game.orders.size).toBe(0)
    close()
    expect(await ended).toEqual({ failed: true, signedOut: false })
  })

  it('begins the draft with what is stored, because sending replaces it', async () => {
    const { type, until, game } = await visit()
    game.orders.set(1, [{ type: 'message', raceName: 'Vegans', text: 'Hello' }])
    type('open quickstart', 'stance Vegans peace', 'submit')
    await until('Stored for turn 1: 2 orders.')
    expect(game.orders.get(1)).toHaveLength(2)
  })

  it('keeps a draft that was not sent when its turn is over, and says so', async () => {
    const { type, until, game } = await visit()
    type('stance Vegans peace')
    await until('1. stance Vegans peace')
    game.nextTurn()
    await until('Your draft was not sent in time; it is now for turn 2.')
    type('submit')
    await until('Stored for turn 2: 1 order.')
    expect([...game.orders.keys()]).toEqual([2])
  })

  it('finds out about a turn whose event was lost when the stream comes back', async () => {
    const { until, game, gateway, said } = await visit()
    await until('Turn 0 is complete')
    const { push } = gateway
    gateway.push = () => undefined
    game.nextTurn()
    gateway.push = push
    gateway.cut()
    await until('The connection is lost')
    await until('quickstart: turn 1 is complete.\nTurn 1: Terrans')
    expect(said()).not.toContain('It is your turn')
  })

  it('tells somebody without a game how to get into one', async () => {
    const { until, type, said } = await visit({ listed: false })
    await until('userId: 0f8fad5b-d9cb-469f-a165-70867728950e')
    type('report')
    await until('no game is open')
    expect(said()).toContain('kind: Game')
  })

  it.each([
    { line: 'dance', answer: "there is no command 'dance'" },
    { line: 'send 1', answer: 'usage: send <group> <planet>' },
    { line: 'rename 1 "x', answer: 'a double quote is not closed' },
    { line: 'order [1]', answer: 'usage: order <JSON>' },
    { line: 'report 99', answer: 'There is no turn 99. (unknown_turn)' },
    { line: 'planet 999', answer: 'there is no planet 999' },
    { line: 'undo', answer: 'there is no such order' },
    { line: 'constructor', answer: 'there is no command' },
  ])('goes on after $line, and counts it as failed', async ({ line, answer }) => {
    const { type, until, said, ended } = await visit()
    type(line, 'me', 'quit')
    expect(await ended).toEqual({ failed: true, signedOut: false })
    expect(said()).toContain(answer)
    await until('Your user id is 0f8fad5b')
  })

  it.each(['games', 'info', 'players', 'map', 'map 40', 'planets', 'races', 'messages', 'me', 'help', 'help send', 'clear'])(
    '%s is answered',
    async (line) => {
      const { type, ended } = await visit()
      type(line, 'quit')
      expect(await ended).toEqual({ failed: false, signedOut: false })
    },
  )

  it('ends with logout, and the session with it', async () => {
    const { type, ended } = await visit()
    type('logout', 'me')
    expect(await ended).toEqual({ failed: false, signedOut: true })
  })

  it('ends when the session is revoked elsewhere, even while it waits', async () => {
    const { type, ended, gateway, said } = await visit({ game: 'quickstart' })
    type('watch')
    gateway.cut(gatewayError('session_revoked', Code.FailedPrecondition))
    expect(await ended).toEqual({ failed: true, signedOut: true })
    expect(said()).toContain('This device is signed out.')
  })
})

it.each([
  ['se', ['send ', 'sessions ']],
  ['report', ['report ']],
  ['xyz', []],
])('%s can be completed', (line, all) => {
  expect(completions(line, { kind: 'reference', description: undefined })).toEqual(all)
})
