import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemErrorCode } from '../../../platform/errors.ts'
import { z } from 'zod'
import { writeFileAtomically } from '../../../platform/files.ts'
import { type EngineInstance, type GameRef, HostError } from '../port.ts'
import type { ProcessId } from './identity.ts'

const Exit = z.object({
  code: z.int().optional(),
  signal: z.string().optional(),
  requested: z.boolean(),
  output: z.string().optional(),
})

/** What is kept of one game's engine, in `<dir>/<uid>/instance.json`. */
export const EngineRecord = z.object({
  game: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }),
  /** Names this start, see starts.ts. */
  nonce: z.uuid(),
  epoch: z.int(),
  image: z.string(),
  specHash: z.string(),
  port: z.int(),
  startedAt: z.iso.datetime(),
  /** How long the log already was: what is before it an earlier engine has said. */
  logFrom: z.int().min(0).default(0),
  /** Absent between the intent to start and the knowledge of the process. */
  process: z.object({ pid: z.int().min(2), identity: z.string() }).optional(),
  /** The platform asked it to end: written before the signal, so that a crash in between counts as asked, too. */
  stopRequested: z.boolean().default(false),
  exit: Exit.optional(),
})
export type EngineRecord = z.infer<typeof EngineRecord>
export type StartedRecord = EngineRecord & { process: ProcessId }

const uidPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

export type GamePaths = { uid: string; root: string; record: string; about: string; state: string; log: string }

/**
 * Where everything of one game is. Uids become folder names, so what is none is refused.
 * @throws HostError StartFailed
 */
export function gamePaths(dir: string, uid: string): GamePaths {
  if (!uidPattern.test(uid)) throw new HostError('StartFailed', `"${uid}" is not a uid`)
  const root = join(dir, uid)
  return {
    uid,
    root,
    record: join(root, 'instance.json'),
    /** Whose folder it is, for people who find one that was retained. */
    about: join(root, 'game.json'),
    state: join(root, 'state'),
    log: join(root, 'engine.log'),
  }
}

/** What is recorded of the game's engine; `unreadable` when something is, but not a record. */
export async function readRecord({ record }: GamePaths): Promise<Kept> {
  try {
    return parseRecord(await readFile(record, 'utf8')) ?? 'unreadable'
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The record that the text is; undefined when it is none. */
export function parseRecord(text: string): EngineRecord | undefined {
  try {
    return EngineRecord.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

export async function writeRecord(paths: GamePaths, record: EngineRecord): Promise<void> {
  await writeFileAtomically(paths.record, `${JSON.stringify(record, null, 1)}\n`, { mode: 0o600 })
}

/** Names the game in its folder, whose own name is a uid: it outlives the record where the data is retained. */
export async function writeAbout({ about }: GamePaths, { namespace, name, uid }: GameRef): Promise<void> {
  const content = `${JSON.stringify({ namespace, name, uid })}\n`
  const before = await readFile(about, 'utf8').catch(() => '')
  if (before !== content) await writeFileAtomically(about, content, { mode: 0o600 })
}

/** Forgets the engine; the game's state stays. */
export async function removeRecord(paths: GamePaths): Promise<void> {
  await rm(paths.record, { force: true })
}

/** What a game's folder tells of its engine. */
export type Kept = EngineRecord | 'unreadable' | undefined

/** True when it led to an engine, which may have ended since. */
export function isStarted(kept: Kept): kept is StartedRecord {
  return isReadable(kept) && kept.process !== undefined
}

/** True for an engine that has not been seen to end. */
export function isRunning(kept: Kept): kept is StartedRecord {
  return isStarted(kept) && kept.exit === undefined
}

export function isReadable(kept: Kept): kept is EngineRecord {
  return kept !== undefined && kept !== 'unreadable'
}

/** Why a game whose record cannot be read is not started: another engine beside a lost one would be worse. */
export function unreadable({ record }: GamePaths): HostError {
  return new HostError(
    'StartFailed',
    `${record} cannot be read: make sure that no engine of this game runs, then remove the file`,
  )
}

export function asInstance(record: StartedRecord): EngineInstance {
  const { game, image, epoch, specHash, startedAt, exit } = record
  const known = { game, ref: `process/${record.process.pid}`, image, epoch, specHash, startedAt }
  return exit
    ? { ...known, state: 'exited', exit }
    : { ...known, state: 'running', endpoint: `http://127.0.0.1:${record.port}` }
}

/** The uids of all games that have a folder, and the names of what else is there. */
export async function readFolder(dir: string): Promise<{ uids: string[]; junk: string[] }> {
  const entries = (await readdir(dir, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'))
  const isGame = (entry: (typeof entries)[number]) => entry.isDirectory() && uidPattern.test(entry.name)
  return {
    uids: entries.filter(isGame).map(({ name }) => name),
    junk: entries.filter((entry) => !isGame(entry)).map(({ name }) => name),
  }
}
