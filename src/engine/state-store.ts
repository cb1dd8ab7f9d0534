import { createHash, randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { InitRequest, Orders } from '../engine-contract/index.ts'
import { messageOf, Refusal, StartupError } from '../platform/errors.ts'
import { type Disk, diskError, writing } from './disk.ts'
import type { Fence } from './fence.ts'
import { seal, unseal } from './seal.ts'

/** Everything about one turn: what follows from it, what was answered to its call, and each race's view of it. */
export const TurnRecord = z.object({
  turn: z.int().min(0),
  /** The body that answered the call that made it, so that a repeated call is answered alike. */
  answer: z.string(),
  world: z.unknown(),
  reports: z.array(z.object({ raceName: z.string(), report: z.unknown() })),
})
export type TurnRecord = z.infer<typeof TurnRecord>

const Banished = z.object({ raceName: z.string(), turn: z.int() })
type Banished = z.infer<typeof Banished>

export type StateStore = ReturnType<typeof createStateStore>

type StoreOptions = { dir: string; disk: Disk; fence: Fence }

/**
 * The state of one game in one folder. Files are made in `tmp` and then linked or renamed to their place, so they are
 * whole or not there. The fence is looked at between the two, and whoever raises it empties `tmp`: so an engine that
 * was superseded at any moment has nothing left to put in place.
 */
export function createStateStore({ dir, disk, fence }: StoreOptions) {
  const initFile = join(dir, 'init.json')
  const temporary = join(dir, 'tmp')
  const turns = join(dir, 'turns')
  const banished = join(dir, 'banished')
  const turnFile = (turn: number) => join(turns, `${String(turn).padStart(6, '0')}.json`)
  const ordersFile = (turn: number, raceName: string) =>
    join(dir, 'orders', String(turn).padStart(6, '0'), `${hash(raceName)}.json`)

  return {
    /** Makes the folders. */
    prepare: () =>
      Promise.all([temporary, turns, banished, join(dir, 'orders')].map((folder) => disk.makeFolder(folder))),

    /** Removes what unfinished writes left behind, ours and everyone's. */
    removeLeftovers: async () => {
      const names = await disk.list(temporary)
      await Promise.all(names.map((name) => disk.remove(join(temporary, name))))
    },

    readInit: () => read(initFile, InitRequest),
    /** False when there is one already. */
    createInit: (init: InitRequest) => place(initFile, init, 'create'),

    /** Number of the newest turn. */
    newestTurn: async () => {
      const names = await disk.list(turns)
      const numbers = names.flatMap((name) => (/^[0-9]{6,}\.json$/.test(name) ? [Number.parseInt(name, 10)] : []))
      return numbers.length > 0 ? Math.max(...numbers) : undefined
    },
    readTurn: (turn: number) => read(turnFile(turn), TurnRecord),
    /** False when there is one already: a turn is made only once, whoever makes it. */
    createTurn: (record: TurnRecord) => place(turnFile(record.turn), record, 'create'),

    readOrders: (turn: number, raceName: string) => read(ordersFile(turn, raceName), Orders),
    writeOrders: (orders: Orders) => place(ordersFile(orders.turn, orders.raceName), orders, 'replace'),

    /** The races banished after that turn was made, by name. */
    readBanished: async (turn: number) => {
      const names = (await disk.list(banished)).sort()
      const all = await Promise.all(names.map((name) => read(join(banished, name), Banished)))
      return all.flatMap((one) => (one?.turn === turn ? [one.raceName] : [])).sort()
    },
    writeBanished: (one: Banished) => place(join(banished, `${hash(one.raceName)}.json`), one, 'replace'),
  }

  /** @throws StartupError naming the file when it is damaged */
  async function read<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T> | undefined> {
    const text = await disk.read(path)
    if (text === undefined) return undefined
    try {
      return schema.parse(unseal(text))
    } catch (error) {
      throw new StartupError(`${path} is damaged: ${messageOf(error).split('\n')[0]}`, { cause: error })
    }
  }

  /** Returns false when the file is there already and must not be replaced. */
  async function place(path: string, content: unknown, how: 'create' | 'replace'): Promise<boolean> {
    const made = join(temporary, randomUUID())
    try {
      return await writing(async () => {
        await disk.makeFolder(dirname(path))
        await disk.create(made, seal(content))
        await fence.check()
        await (how === 'create' ? disk.link(made, path) : disk.rename(made, path))
        await disk.syncFolder(dirname(path))
        // The folder may be a new one.
        await disk.syncFolder(dirname(dirname(path)))
        return true
      })
    } catch (error) {
      const cause = error instanceof Refusal ? error.cause : undefined
      if (how === 'create' && diskError(cause) === 'EEXIST') return false
      // A newer engine has emptied `tmp`: say so.
      if (diskError(cause) === 'ENOENT') await fence.check()
      throw error
    } finally {
      await disk.remove(made).catch(() => undefined)
    }
  }
}

/** A race's name can be anything; a file's cannot. */
function hash(raceName: string): string {
  return createHash('sha256').update(raceName).digest('hex').slice(0, 32)
}
