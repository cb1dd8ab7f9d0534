import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { z } from 'zod'
import type { ClientEvent } from '../../src/client/index.ts'
import { endProcess } from '../support/controller.ts'
import { eventually } from '../support/eventually.ts'
import { openGames } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { type Player, signInPlayer } from '../support/players.ts'
import { processesMentioning } from '../support/processes.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const kills = 6
const raceNames = ['Terrans', 'Zerks'] as const
const Addresses = z.object({ edgePublic: z.url(), edgeAuth: z.url(), mailbox: z.url() })

/** What a player has been promised: the orders that were acknowledged last, turn by turn. */
type Promised = Map<number, string>

it('kill -9 of everything while two play costs no session, no acknowledged order and no event', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-players-'))
  await using publicDoor = await startTcpProxy()
  await using authDoor = await startTcpProxy()
  const start = async () => {
    const platform = await startPlatform({ dir })
    const at = Addresses.parse(platform.endpoints)
    publicDoor.leadTo(at.edgePublic)
    authDoor.leadTo(at.edgeAuth)
    return { platform, at }
  }
  const ending = new AbortController()
  let current: Platform | undefined
  try {
    const first = await start()
    current = first.platform
    const doors = { edgePublic: publicDoor.url, edgeAuth: authDoor.url, mailbox: first.at.mailbox }
    const players = await Promise.all(
      raceNames.map((raceName) => signInPlayer({ ...doors, email: `${raceName.toLowerCase()}@example.com` })),
    )
    await createGame(current.kubeconfig, players)
    const events: ClientEvent[][] = players.map(() => [])
    const promised: Promised[] = players.map(() => new Map())
    const playing = players.flatMap((player, index) => [
      listen(player, events[index] ?? [], ending.signal),
      order(player, promised[index] ?? new Map(), { index, signal: ending.signal }),
    ])
    for (let round = 0; round < kills; round += 1) {
      await delay(1500 + Math.random() * 3000)
      await endProcess(current.child, 'SIGKILL')
      current = (await start()).platform
    }
    await delay(4000)
    ending.abort()
    await Promise.all(playing)
    const [lastTurn, ...others] = await Promise.all(
      players.map(async ({ client }) => (await client.games.info('contested')).turn),
    )
    expect(others).toEqual([lastTurn])
    await expectOrdersKept(players, promised, lastTurn ?? 0)
    for (const heard of events) expectEventsWhole(heard)
    console.log(
      `killed ${kills} times; turn ${lastTurn}; acknowledged orders ${promised.map(({ size }) => size).join(', ')}; ` +
        `events ${events.map(({ length }) => length).join(', ')}; ` +
        `streams broken ${events.map((heard) => heard.filter(({ type }) => type === 'client.disconnected').length).join(', ')}; ` +
        `resyncs ${events.map((heard) => heard.filter(({ type }) => type === 'client.resync').length).join(', ')}`,
    )
    for (const player of players) player[Symbol.dispose]()
    await current[Symbol.asyncDispose]()
    await eventually(async () => (await processesMentioning(dir)).length === 0)
  } finally {
    ending.abort()
    for (const pid of await processesMentioning(dir)) process.kill(pid, 'SIGKILL')
    await rm(dir, { recursive: true, force: true })
  }
})

async function createGame(kubeconfig: string, players: readonly Player[]): Promise<void> {
  await using games = openGames(kubeconfig)
  const roster = players.map(({ userId }, index) => ({ userId, raceName: raceNames[index] }))
  await games.create('contested', { players: roster, turns: { schedule: '*/2 * * * * *' } })
  await games.until('contested', ({ status }) => status.turn?.number === 0)
}

async function listen({ client }: Player, heard: ClientEvent[], signal: AbortSignal): Promise<void> {
  for await (const event of client.events({ signal })) heard.push(event)
}

/** Sends orders for the coming turn again and again. */
async function order(
  { client }: Player,
  promised: Promised,
  { index, signal }: { index: number; signal: AbortSignal },
) {
  for (let count = 0; !signal.aborted; count += 1) {
    const stance = count % 2 === 0 ? 'peace' : 'war'
    const orders = [{ type: 'stance', raceName: raceNames[1 - index] ?? '', stance }]
    let turn = 0
    try {
      turn = (await client.games.info('contested')).turn + 1
      const stored = await client.games.submitOrders('contested', turn, orders)
      promised.set(stored.turn, JSON.stringify(stored.orders))
    } catch {
      // Not acknowledged, but perhaps stored: what was promised for this turn is open again.
      promised.delete(turn)
    }
    await delay(50)
  }
}

async function expectOrdersKept(players: readonly Player[], promised: readonly Promised[], lastTurn: number) {
  let checked = 0
  for (const [index, { client }] of players.entries()) {
    for (const [turn, orders] of promised[index] ?? []) {
      if (turn > lastTurn + 1) continue
      const stored = await client.games.orders('contested', { turn })
      expect(JSON.stringify(stored.orders), `turn ${turn}`).toBe(orders)
      checked += 1
    }
  }
  expect(checked).toBeGreaterThan(0)
}

/** Every turn is told once and in order, unless the client was told that it has to look for itself. */
function expectEventsWhole(heard: readonly ClientEvent[]): void {
  const Turn = z.object({ turn: z.int() })
  let last: number | undefined
  for (const { type, payload } of heard) {
    if (type === 'client.resync') last = undefined
    if (type !== 'game.turn.started') continue
    const { turn } = Turn.parse(payload)
    if (last !== undefined) expect(turn).toBeGreaterThan(last)
    last = turn
  }
  expect(heard.some(({ type }) => type === 'game.turn.started')).toBe(true)
  expect(new Set(heard.map(({ id }) => id).filter((id) => id !== '')).size).toBe(
    heard.filter(({ id }) => id !== '').length,
  )
}
