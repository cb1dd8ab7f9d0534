import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

async function aDraftsFolder(): Promise<Drafts> {
  const path = await mkdtemp(join(tmpdir(), 'galaxy-visit-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return createDrafts(path)
}

type Visiting = {
  game?: string
  listed?: boolean
  drafts?: Drafts
  alter?: (gateway: ScriptedGateway, game: ReturnType<typeof createScriptedGame>) => void
}

/** A player in a pipe: `type` gives lines, `said` is everything that was printed. */
async function visit({ game, listed = true, drafts, alter }: Visiting = {}) {
  const { client, gateway } = await scriptedPlayer()
  const played = createScriptedGame(gateway, { listed })
  alter?.(gateway, played)
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

  it('shows what is wrong with an order when it is composed', async () => {
    const { type, until, said, game } = await visit()
    type('send 1 999', 'stance vegans peace', 'orders')
    await until('1. send 1 999  <- to: there is no planet 999')
    await until(/^ {2}2\. stance Vegans peace$/m)
    await until(/stored are 0 orders:\n {2}1\. send 1 999 {2}<- .*\n {2}2\. stance Vegans peace\n/)
    expect(said()).not.toContain('submit valid')
    expect(game.orders.size).toBe(0)
  })

  it('stores what is valid on demand only, and lists what it leaves out', async () => {
    const { type, until, game } = await visit()
    const [home] = game.report(0)?.planets.filter(({ known }) => known === 'own') ?? []
    type('design Tug 5 0 0 99999 1', `produce ${home?.id} ship tug`, 'stance Vegans peace', 'submit')
    await until("'submit valid' stores the others.")
    expect(game.orders.size).toBe(0)
    type('submit valid')
    // Without the design, the ships that it is for cannot be built either.
    await until(/Stored for turn 1: 1 order\. Left out: 2 orders that the rules refuse:\n {2}1\. design .*\n.*produce/)
    expect(game.orders.get(1)).toEqual([{ type: 'stance', raceName: 'Vegans', stance: 'peace' }])
  })

  it('does not take away what is stored when every order of the draft is refused', async () => {
    const { type, until, game } = await visit()
    game.orders.set(1, [{ type: 'message', raceName: 'Vegans', text: 'Hello' }])
    type('clear', 'unload 77', 'submit valid')
    await until('Nothing was stored: the rules refuse all orders.')
    expect(game.orders.get(1)).toHaveLength(1)
  })

  it('goes on where the engine checks orders only when they are submitted', async () => {
    const { type, until, gateway, close, ended } = await visit({
      alter: (scripted) => {
        const { answer } = scripted
        const refused = { status: 501, code: 'validation_not_supported', detail: 'No.' }
        scripted.answer = (type, ...rest) =>
          type === 'game.orders.validate' ? { resultCode: refused.code, payload: refused } : answer(type, ...rest)
      },
    })
    type('send 1 999', 'unload 77')
    await until(/^ {2}2\. unload 77$/m)
    expect(gateway.received.filter(({ type }) => type === 'game.orders.validate')).toHaveLength(1)
    close()
    expect(await ended).toMatchObject({ failed: false })
  })

  it('does not leave with a draft without a word, and has it again at the next start', async () => {
    const drafts = await aDraftsFolder()
    const first = await visit({ drafts })
    first.type('stance Vegans peace', 'quit')
    expect(await first.ended).toMatchObject({ failed: false })
    expect(first.said()).toContain(
      'quickstart: your draft of 1 order for turn 1 is not submitted. It is kept on this device for your next visit.',
    )
    const second = await visit({ drafts })
    await second.until("Your draft of 1 order is here again, not sent: 'orders' shows it, 'clear' drops it.")
    second.type('submit')
    await second.until('Stored for turn 1: 1 order.')
    second.type('quit')
    await second.ended
    expect(second.said()).not.toContain('is not submitted')
    const third = await visit({ drafts })
    await third.until('Turn 0 is complete')
    third.close()
    await third.ended
    expect(third.said()).not.toContain('here again')
  })

  it.each(['the end of the pipe', 'a session that is revoked'])('says that a draft is kept at %s', async (end) => {
    const { type, until, close, gateway, ended, said } = await visit({ drafts: await aDraftsFolder() })
    type('stance Vegans peace')
    await until('1. stance Vegans peace')
    if (end === 'the end of the pipe') close()
    else gateway.cut(gatewayError('session_revoked', Code.FailedPrecondition))
    await ended
    expect(said()).toContain('is not submitted. It is kept on this device')
  })

  it('says when a draft can be kept nowhere', async () => {
    const lost = { of: () => ({ read: () => undefined, write: () => false, remove: () => undefined }) }
    const { type, ended, said } = await visit({ drafts: lost })
    type('stance Vegans peace', 'quit')
    await ended
    expect(said()).toContain('The draft cannot be kept on this device')
    expect(said()).toContain('It is lost when you leave.')
  })

  it('keeps the draft of a turn that is over, and says which', async () => {
    const drafts = await aDraftsFolder()
    const before = await visit({ drafts })
    before.type('stance Vegans peace', 'quit')
    await before.ended
    const after = await visit({ drafts, alter: (_gateway, game) => game.nextTurn() })
    await after.until('It was for turn 1, which is over.')
    after.type('submit')
    await after.until('Stored for turn 2: 1 order.')
    expect([...after.game.orders.keys()]).toEqual([2])
    after.close()
  })

  it('shares its draft with another terminal of the same profile', async () => {
    const drafts = await aDraftsFolder()
    const [one, two] = [await visit({ drafts }), await visit({ drafts })]
    one.type('stance Vegans peace')
    await one.until('1. stance Vegans peace')
    two.type('message Vegans hello')
    await two.until('2. message Vegans hello')
    one.type('submit')
    await one.until('Stored for turn 1: 2 orders.')
    expect(one.game.orders.get(1)).toHaveLength(2)
    two.game.orders.set(1, one.game.orders.get(1) ?? [])
    two.type('orders')
    await two.until(/Stored for turn 1:\n {2}1\. stance Vegans peace\n {2}2\. message Vegans hello/)
    one.close()
    two.close()
  })

  it('keeps the draft of a game while another one is opened', async () => {
    const { type, until, game } = await visit()
    type('stance Vegans peace', 'open QUICK')
    await until('quickstart: your draft is not sent; it waits for you there.')
    type('submit')
    await until('Stored for turn 1: 1 order.')
    expect(game.orders.get(1)).toHaveLength(1)
  })

  it('shows who plays, the scores, and whose orders are in', async () => {
    const { type, until, said } = await visit()
    type('stance Vegans peace', 'submit', 'players')
    await until(/race +played by +score +orders +Planets +Population +Industry/)
    await until(/Terrans \(you\) +Ada \(Player-1234\) +2052 +submitted +1 +1000 +1000\n/)
    await until(/Vegans +Player-5678 +2052 +not yet +1\n/)
    type('races')
    await until(/Vegans +1 +war +war +2052 +not yet +Player-5678/)
    // What the other race has is not shown but for what is public.
    expect(said()).not.toMatch(/Vegans.*1000/)
  })

  it('lists the orders of no game before one is open', async () => {
    const { type, until, said } = await visit({ listed: false })
    type('help')
    await until("Each game has orders of its own: 'open' one, and 'help' lists them.")
    expect(said()).not.toMatch(/produce|planet </)
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

  it.each([
    'games',
    'info',
    'players',
    'map',
    'map 40',
    'planets',
    'races',
    'messages',
    'me',
    'help',
    'help send',
    'clear',
  ])('%s is answered', async (line) => {
    const { type, ended } = await visit()
    type(line, 'quit')
    expect(await ended).toEqual({ failed: false, signedOut: false })
  })

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
