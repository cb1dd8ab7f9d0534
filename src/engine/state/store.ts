import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { z } from 'zod'
import type { Orders } from '../../engine-contract/model.ts'
import { parseExactJson } from '../../platform/exact-json.ts'
import { type Disk, unless } from './disk.ts'
import { seal, unseal } from './envelope.ts'
import { createFence } from './fence.ts'
import { Banishment, StoredOrders, TurnRecord } from './records.ts'

/** A file is not what was written. The message names it. */
export class CorruptStateError extends Error {
  override name = 'CorruptStateError'
}

export type Store = ReturnType<typeof createStore>

/**
 * A game's state directory. Every file is sealed with a checksum and gets to its place in one step, under the epoch
 * fence. Functions throw system errors as they are, FencedError, and CorruptStateError.
 */
export function createStore({ dir, disk }: { dir: string; disk: Disk }) {
  const folders = { fence: join(dir, 'fence'), turns: join(dir, 'turns') }
  const more = { orders: join(dir, 'orders'), banished: join(dir, 'banished') }
  const fence = createFence({ dir: folders.fence, disk })
  return {
    highestEpoch: fence.highest,
    claim,
    newestTurn,
    readTurn,
    commitTurn,
    readOrders,
    readAllOrders,
    commitOrders,
    readBanished,
    commitBanishment,
  }

  /** Makes this epoch the highest; what is read after it cannot be changed by engines of lower ones any more. */
  async function claim(epoch: number): Promise<void> {
    await disk.makeFolders(dir)
    for (const folder of Object.values({ ...folders, ...more })) await unless(['EEXIST'], disk.makeFolder(folder))
    await disk.syncFolder(dir)
    await fence.claim(epoch)
  }

  /** The number of the last complete turn; undefined before the game was created. */
  async function newestTurn(): Promise<number | undefined> {
    const names = (await unless(['ENOENT'], disk.list(folders.turns))) ?? []
    const turns = names.flatMap((name) => (/^[0-9]+\.json$/.test(name) ? [Number.parseInt(name, 10)] : []))
    return turns.length === 0 ? undefined : Math.max(...turns)
  }

  /** One turn's file; undefined when there is none. */
  async function readTurn(turn: number): Promise<TurnRecord | undefined> {
    return readSealed(turnPath(turn), TurnRecord)
  }

  /**
   * Writes a turn that is not there yet. If it is there after all (a write whose fsync failed, or another engine of the
   * same epoch was faster), that one counts.
   * @returns the record as it will be read again after a restart
   */
  async function commitTurn(epoch: number, record: TurnRecord): Promise<TurnRecord> {
    const path = turnPath(record.world.turn)
    const content = JSON.stringify(record)
    const write = fence.commit(epoch, { path, folder: folders.turns, content: seal(content), once: true })
    const isNew = await unless(
      ['EEXIST'],
      write.then(() => true),
    )
    await disk.syncFolder(folders.turns)
    // What has just been written need not be checked against what this engine writes: that takes longer than to make it.
    // The settings keep numbers that JSON.parse would round.
    const written = (): TurnRecord => ({ ...JSON.parse(content), ...(record.init && { init: record.init }) })
    const stored = isNew ? written() : await readTurn(record.world.turn)
    if (!stored) throw new CorruptStateError(`${path} has vanished`)
    return stored
  }

  /** The orders of one race for a turn; undefined when it sent none. */
  async function readOrders(turn: number, raceName: string): Promise<Orders | undefined> {
    return readSealed(join(ordersFolder(turn), fileName(raceName)), StoredOrders)
  }

  async function readAllOrders(turn: number): Promise<Orders[]> {
    return readFolder(ordersFolder(turn), StoredOrders)
  }

  async function commitOrders(epoch: number, orders: Orders): Promise<void> {
    const folder = ordersFolder(orders.turn)
    await unless(['EEXIST'], disk.makeFolder(folder))
    // Even if it was there: whoever made it may have died before this.
    await disk.syncFolder(more.orders)
    const content = seal(JSON.stringify(orders))
    await fence.commit(epoch, { path: join(folder, fileName(orders.raceName)), folder, content, once: false })
  }

  async function readBanished(): Promise<string[]> {
    return (await readFolder(more.banished, Banishment)).map(({ raceName }) => raceName)
  }

  async function commitBanishment(epoch: number, banishment: z.infer<typeof Banishment>): Promise<void> {
    const folder = more.banished
    const content = seal(JSON.stringify(banishment))
    await fence.commit(epoch, { path: join(folder, fileName(banishment.raceName)), folder, content, once: false })
  }

  function turnPath(turn: number): string {
    return join(folders.turns, `${padded(turn)}.json`)
  }

  function ordersFolder(turn: number): string {
    return join(more.orders, padded(turn))
  }

  async function readFolder<T extends z.ZodType>(folder: string, schema: T): Promise<z.output<T>[]> {
    const names = (await unless(['ENOENT'], disk.list(folder))) ?? []
    const files = names.filter((name) => name.endsWith('.json')).sort()
    const read = await Promise.all(files.map((name) => readSealed(join(folder, name), schema)))
    return read.filter((content) => content !== undefined)
  }

  async function readSealed<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T> | undefined> {
    const text = await unless(['ENOENT'], disk.read(path))
    if (text === undefined) return undefined
    const content = unseal(text)
    if (content === undefined)
      throw new CorruptStateError(`${path} is damaged: its checksum is not that of its content`)
    const parsed = schema.safeParse(parseExactJson(content))
    if (!parsed.success) throw new CorruptStateError(`${path} is not of this engine's format`)
    return parsed.data
  }
}

function padded(turn: number): string {
  return String(turn).padStart(6, '0')
}

/** A race's name may hold anything, so files are named by its hash. */
function fileName(raceName: string): string {
  return `${createHash('sha256').update(raceName).digest('hex').slice(0, 32)}.json`
}
