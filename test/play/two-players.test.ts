import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readCode } from '../support/foreign-device.ts'
import { gameManifest } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { startTerminalPlayer, type TerminalPlayer } from '../support/terminal-player.ts'

let platform: Platform
let home: string
beforeAll(async () => {
  platform = await startPlatform({ readyWithinMs: 200_000 })
  home = await mkdtemp(join(tmpdir(), 'galaxy-play-'))
})
afterAll(async () => {
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

/** @returns the user id */
async function signIn(player: TerminalPlayer, email: string): Promise<string> {
  await player.until(/A code is on its way/, 60_000)
  player.say(await readCode(String(platform.endpoints['mailbox']), email))
  const [, userId] = /Your user id is (\S+)/.exec(await player.until(/Your user id is \S+/, 60_000)) ?? []
  return userId ?? ''
}

it('two people sign in at a terminal, play a turn, and are told of it', async () => {
  using ada = sitDown('ada@example.com')
  using bob = sitDown('bob@example.com')
  const players = [
    { userId: await signIn(ada, 'ada@example.com'), raceName: 'Terrans' },
    { userId: await signIn(bob, 'bob@example.com'), raceName: 'Vegans' },
  ]
  expect(await kubectl(['apply', '-f', '-'], JSON.stringify(gameManifest('duel', { players })))).toContain('created')
  await kubectl(['wait', '--for=condition=Ready', 'game/duel', '--timeout=20s'])
  for (const [index, player] of [ada, bob].entries()) {
    player.say('open duel')
    await player.until(new RegExp(`you play ${players[index]?.raceName}\\. Turn 0 is complete`))
  }

  ada.say('stance Vegans peace')
  ada.say('send 99 1')
  ada.say('submit')
  const refused = await ada.until(/Nothing was stored[^]*send 99 1 {2}<- /)
  expect(refused).toMatch(
    /Nothing was stored: the rules refuse some of the orders\.\n.*stance Vegans peace\n.*no group 99/,
  )
  ada.say('undo 2')
  ada.say('submit')
  await ada.until(/Stored for turn 1: 1 order\./)
  bob.say('message Terrans well met')
  bob.say('submit')
  await bob.until(/Stored for turn 1: 1 order\./)

  await kubectl(['patch', 'game', 'duel', '--type=merge', '-p', '{"spec":{"turns":{"forceToken":"now"}}}'])
  const told = await ada.until(/duel: turn 1 is complete\. It is your turn\.[^]*well met/)
  expect(told).toContain('Turn 1: Terrans')
  await bob.until(/duel: turn 1 is complete\. It is your turn\./)
  bob.say('races')
  await bob.until(/Terrans +1 +war +peace +\d+ +not yet +Player-/)
  expect(await bob.quit()).toBe(0)

  // Who played last is asked for nothing, and finds the draft that was not sent.
  ada.say('message veg are you there?')
  await ada.until(/1\. message Vegans are you there\?/)
  ada.say('stance VEGANS war')
  await ada.until(/2\. stance Vegans war/)
  ada.say('map')
  await ada.until(/light years[^]*\* yours[^]*planets/)
  ada.say('quit')
  expect(await ada.until(/is not submitted/)).toContain('duel: your draft of 2 orders for turn 2 is not submitted.')
  // Something that she asked for had failed.
  expect(await ada.quit()).toBe(1)
  using anew = startTerminalPlayer(['--data-dir', platform.dir, '--email', 'ada@example.com'], home)
  await anew.until(/Your draft of 2 orders is here again, not sent/, 60_000)
  expect(await anew.quit()).toBe(0)
  using again = startTerminalPlayer(['--data-dir', platform.dir], home)
  expect(await again.until(/Your draft of 2 orders is here again/, 60_000)).not.toMatch(/e-mail address:|code/)
  again.say('submit')
  await again.until(/Stored for turn 2: 2 orders\./)
  expect(await again.quit()).toBe(0)

  using back = sitDown('bob@example.com', '--game', 'duel')
  expect(await back.until(/Turn 1 is complete/, 60_000)).not.toContain('code')
  back.say('players')
  expect(await back.until(/Vegans \(you\).*\n/)).toMatch(/Terrans +Player-\w+ +\d+ +submitted/)
  back.say('logout')
  expect(await back.quit()).toBe(0)
})
