import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../../../platform/errors.ts'
import { writeFileAtomically } from '../../../platform/files.ts'
import { HostError } from '../port.ts'

const Exit = z.object({
  code: z.int().optional(),
  signal: z.string().optional(),
  requested: z.boolean(),
  output: z.string().optional(),
})

/** What is kept of one game's engine, in `<dir>/<uid>/instance.json`. */
export const EngineRecord = z.object({
  game: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }),
  /** Names this start: its wrapper runs the engine only while the record still says so. */
  nonce: z.uuid(),
  epoch: z.int(),
  image: z.string(),
  specHash: z.string(),
  port: z.int(),
  startedAt: z.iso.datetime(),
  /** Absent between the intent to start and the knowledge of the process. */
  process: z.object({ pid: z.int(), identity: z.string() }).optional(),
  /** The platform asked it to end: written before the signal, so that a crash in between counts as asked, too. */
  stopRequested: z.boolean().default(false),
  exit: Exit.optional(),
})
export type EngineRecord = z.infer<typeof EngineRecord>

const uidPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/** Where everything of one game is. Uids become folder names, so what is none is refused. */
export function gamePaths(dir: string, uid: string) {
  if (!uidPattern.test(uid)) throw new HostError('StartFailed', `"${uid}" is not a uid`)
  const root = join(dir, uid)
  return {
    root,
    record: join(root, 'instance.json'),
    state: join(root, 'state'),
    log: join(root, 'engine.log'),
    lock: join(root, 'lock'),
    pid: (nonce: string) => join(root, `pid.${nonce}`),
  }
}

export type GamePaths = ReturnType<typeof gamePaths>

/** @throws HostError when there is a record and it cannot be read: starting another engine beside it would be wrong */
export async function readRecord(paths: GamePaths): Promise<EngineRecord | undefined> {
  const text = await readFile(paths.record, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new HostError('HostUnavailable', `${paths.record}: ${messageOf(error)}`, { cause: error })
  })
  if (text === undefined) return undefined
  try {
    return EngineRecord.parse(JSON.parse(text))
  } catch (error) {
    const message = `${paths.record} cannot be read: see whether its engine runs, end it, and remove the file`
    throw new HostError('StartFailed', message, { cause: error })
  }
}

export async function writeRecord(paths: GamePaths, record: EngineRecord): Promise<void> {
  await mkdir(paths.root, { recursive: true, mode: 0o700 })
  await writeFileAtomically(paths.record, `${JSON.stringify(record, null, 1)}\n`, { mode: 0o600 })
}

/** Forgets the engine; the game's state stays. */
export async function removeRecord(paths: GamePaths): Promise<void> {
  await rm(paths.record, { force: true })
}

/** The uids of all games that have a folder. */
export async function knownUids(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory() && uidPattern.test(entry.name)).map(({ name }) => name)
}
