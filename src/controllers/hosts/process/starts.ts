import { copyFile, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { systemErrorCode } from '../../../platform/errors.ts'
import { endGroup } from './ending.ts'
import { isProcess, parsePidFile, type ProcessId } from './identity.ts'
import { type EngineRecord, type GamePaths, parseRecord } from './record.ts'

/**
 * How a start survives a platform that dies in the middle of it. Each has a nonce and two files. `intent.<nonce>`, made
 * before the process, is a copy of the record as it was then. `pid.<nonce>` is what the process, before it becomes the
 * engine, writes of itself; only then it looks for the intent, and ends if that is gone. Who gives up a start removes
 * the intent and then looks for the process: at least one of the two sees the other, so no engine is ever unknown.
 */
export function startFiles({ root }: GamePaths, nonce: string): { intent: string; pid: string } {
  return { intent: join(root, `intent.${nonce}`), pid: join(root, `pid.${nonce}`) }
}

/** Makes the intent, out of the record that has just been written. */
export async function declareStart(paths: GamePaths, nonce: string): Promise<void> {
  await copyFile(paths.record, startFiles(paths, nonce).intent)
}

/** The process that the start led to, dead or alive; undefined when it has not yet told of itself. */
export async function startedProcess(paths: GamePaths, nonce: string): Promise<ProcessId | undefined> {
  return parsePidFile(await readFile(startFiles(paths, nonce).pid, 'utf8').catch(() => ''))
}

/** Gives up all starts of the game. Once this returns, none of them runs an engine or ever will. */
export async function withdrawStarts(paths: GamePaths): Promise<void> {
  for (const nonce of await noncesOf(paths, 'intent.')) await rm(startFiles(paths, nonce).intent, { force: true })
  for (const nonce of await noncesOf(paths, 'pid.')) {
    const stray = await startedProcess(paths, nonce)
    if (stray) await endGroup(stray, 0)
    await rm(startFiles(paths, nonce).pid, { force: true })
  }
  // Records that a platform died while writing: nobody else writes one while we hold the game's lock.
  const drafts = await namesIn(paths, `${basename(paths.record)}.`)
  for (const name of drafts) await rm(join(paths.root, name), { force: true })
}

/** The record of a running engine, out of what its start left: for when the record itself is beyond reading. */
export async function recoverRecord(paths: GamePaths): Promise<EngineRecord | undefined> {
  for (const nonce of await noncesOf(paths, 'intent.')) {
    const record = parseRecord(await readFile(startFiles(paths, nonce).intent, 'utf8').catch(() => ''))
    const process = await startedProcess(paths, nonce)
    if (record && process && (await isProcess(process))) return { ...record, process }
  }
  return undefined
}

async function noncesOf(paths: GamePaths, prefix: string): Promise<string[]> {
  return (await namesIn(paths, prefix)).map((name) => name.slice(prefix.length))
}

async function namesIn({ root }: GamePaths, prefix: string): Promise<string[]> {
  const names = await readdir(root).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => name.startsWith(prefix))
}
