import type { PlayCommand, Seat } from './command.ts'
import { leave } from './leave.ts'
import { Mistake } from './mistake.ts'
import { renderAccount } from './sample-game.ts'
import { table } from './table.ts'
import { wholeNumber } from './words.ts'

export const accountCommands: readonly PlayCommand[] = [
  {
    name: 'me',
    usage: 'me',
    summary: 'who you are; your user id goes into the list of players of a game',
    run: async (seat) => seat.print(renderAccount(await seat.client.account())),
  },
  { name: 'sessions', usage: 'sessions', summary: 'the devices that are signed in', run: listSessions },
  {
    name: 'revoke',
    usage: 'revoke <number>',
    summary: 'sign a device out, by its number in sessions',
    run: revoke,
  },
  {
    name: 'logout',
    usage: 'logout',
    summary: 'sign this device out, and leave',
    run: async (seat) => {
      if ((await leave(seat)) !== 'quit') return undefined
      await seat.client.sessions.logout()
      seat.print('This device is signed out.')
      return 'quit'
    },
  },
  { name: 'quit', usage: 'quit', summary: 'leave; you stay signed in', run: leave },
]

async function listSessions(seat: Seat): Promise<void> {
  const sessions = await seat.client.sessions.list()
  const rows = sessions.map(({ device_label, created_at, last_seen_at, current }, index) => [
    index + 1,
    device_label ?? 'without a name',
    created_at,
    last_seen_at,
    current ? 'this one' : '',
  ])
  seat.print(table('Signed in', ['no.', 'device', 'since', 'last seen', ''], rows))
}

async function revoke(seat: Seat, { words: [word] }: { words: readonly string[] }): Promise<void> {
  const number = wholeNumber(word)
  const session = number === undefined ? undefined : (await seat.client.sessions.list())[number - 1]
  if (!session) throw new Mistake("usage: revoke <number>, as 'sessions' shows it")
  if (session.current) throw new Mistake("that is this device: 'logout' signs it out")
  const revoked = await seat.client.sessions.revoke(session.id)
  seat.print(revoked > 0 ? 'It is signed out.' : 'It was signed out already.')
}
