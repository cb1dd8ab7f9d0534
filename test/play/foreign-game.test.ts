import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auctionImage } from '../support/auction.ts'
import { readCode } from '../support/foreign-device.ts'
import { gameManifest } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { startTerminalPlayer, type TerminalPlayer } from '../support/terminal-player.ts'

let platform: Platform
let home: string
let ada: TerminalPlayer
let bob: TerminalPlayer
let players: { userId: string; raceName: string }[]

beforeAll(async () => {
  platform = await startPlatform({ readyWithinMs: 200_000 })
  home = await mkdtemp(join(tmpdir(), 'galaxy-auction-'))
  ada = sitDown('ada@example.com')
  bob = sitDown('bob@example.com')
  players = [
    { userId: await signIn(ada, 'ada@example.com'), raceName: 'Medici' },
    { userId: await signIn(bob, 'bob@example.com'), raceName: 'Fugger' },
  ]
}, 400_000)
afterAll(async () => {
  ada[Symbol.dispose]()
  bob[Symbol.dispose]()
  await platform[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

const kubectl = async (args: readonly string[], input = '') => {
  const running = promisify(execFile)('kubectl', [...args, '--kubeconfig', platform.kubeconfig])
  running.child.stdin?.end(input)
  return (await running).stdout
}

function sitDown(email: string, ...args: string[]): TerminalPlayer {
  return startTerminalPlayer(['--data-dir', platform.dir, '--email', email, ...args], home)
}

async function signIn(player: TerminalPlayer, email: string): Promise<string> {
  await player.until(/A code is on its way/, 60_000)
  player.say(await readCode(String(platform.endpoints['mailbox']), email))
  const [, userId] = /Your user id is (\S+)/.exec(await player.until(/Your user id is \S+/, 60_000)) ?? []
  return userId ?? ''
}

/** A game of the auction that both have opened. */
async function auction(name: string, options: { plain: boolean }): Promise<void> {
  const image = await auctionImage(home, options)
  await kubectl(['apply', '-f', '-'], JSON.stringify(gameManifest(name, { players, engine: { image }, settings: {} })))
  await kubectl(['wait', '--for=condition=Ready', `game/${name}`, '--timeout=60s'])
  for (const player of [ada, bob]) {
    player.say(`open ${name}`)
    await player.until(/Turn 0 is complete/, 60_000)
  }
}

async function nextTurn(name: string, turn: number): Promise<void> {
  const spec = { turns: { forceToken: `turn ${turn}` } }
  await kubectl(['patch', 'game', name, '--type=merge', '-p', JSON.stringify({ spec })])
  for (const player of [ada, bob]) await player.until(new RegExp(`${name}: turn ${turn} is complete`), 60_000)
}

describe('two people at the terminal play a game whose engine is not the reference engine', () => {
  it('that describes itself, by its own orders, reports and stats', async () => {
    await auction('hammer', { plain: false })
    ada.say('help')
    const help = await ada.until(/You\n/)
    expect(help).toContain('Orders of Auction House')
    expect(help).toMatch(/bid \[coins\] \[note\]\n +Offers coins for the lot of the turn, in secret\./)
    expect(help).not.toMatch(/planet|produce|fleet/i)

    ada.say('bid 7')
    await ada.until(/1\. bid coins=7/)
    ada.say('bid 70 too much')
    await ada.until(/2\. bid coins=70 "note=too much"/)
    ada.say('submit')
    expect(await ada.until(/coins: you have only 10/)).toContain('Nothing was stored')
    ada.say('submit valid')
    expect(await ada.until(/Stored for turn 1: 1 order\./)).not.toContain('bid coins=7 ')
    bob.say('players')
    const seen = await bob.until(/Fugger \(you\).*\n/)
    expect(seen).toMatch(/race +played by +score +orders +Lots won|race +played by +score +orders +Coins left/)
    expect(seen).toMatch(/Medici +Player-\w+ +0 +submitted/)
    expect(seen).toMatch(/Fugger \(you\) +Player-\w+ +0 +not yet/)
    bob.say('order {"act": "bid", "coins": 4}')
    bob.say('submit')
    await bob.until(/Stored for turn 1: 1 order\./)

    await nextTurn('hammer', 1)
    ada.say('report')
    const report = await ada.until(/of wood/)
    expect(report).toContain('you: Medici\npurse:\n  coins: 3\n')
    expect(report).toMatch(/sold:\n +turn +winner +price\n +1 +Medici +7/)
    bob.say('players')
    // The coins of the others are their secret; the lots are not.
    expect(await bob.until(/Fugger \(you\).*\n/)).toMatch(/Medici +Player-\w+ +10 +not yet +1\n/)
    ada.say('planets')
    await ada.until(/there is no command 'planets'/)
  })

  it('that says nothing of itself, by orders in JSON', async () => {
    await auction('silent', { plain: true })
    ada.say('help')
    expect(await ada.until(/'order <JSON>' takes any/)).not.toMatch(/planet|produce/i)
    ada.say('order {"act": "bid", "coins": 2}')
    await ada.until(/1\. order \{"act":"bid","coins":2\}/)
    ada.say('submit')
    await ada.until(/Stored for turn 1: 1 order\./)
    bob.say('submit')
    await bob.until(/Stored for turn 1: 0 orders\./)
    await nextTurn('silent', 1)
    bob.say('report')
    expect(await bob.until(/of wood/)).toMatch(/1 +Medici +2/)
    bob.say('players')
    expect(await bob.until(/Fugger \(you\).*\n/)).toMatch(/Medici +Player-\w+\n/)
  })
})
