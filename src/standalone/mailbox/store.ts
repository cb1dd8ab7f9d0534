import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { domainToASCII } from 'node:url'
import type { Clock } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import { makeFolder, syncFolder, writeFileAtomically } from '../../platform/files.ts'
import type { Log } from '../../platform/log.ts'
import { Message } from './model.ts'

/** The newest so many are kept. */
const capacity = 1_000

export type MessageStore = Awaited<ReturnType<typeof openMessageStore>>

/** Messages in memory, and each as a file in `dir`, so that they outlive the process. */
export async function openMessageStore({ dir, clock, log }: { dir: string; clock: Clock; log: Log }) {
  await makeFolder(dir, { mode: 0o700 })
  const messages = await readMessages(dir, log)
  let lastId = Math.max(0, ...[...messages.keys()].map(Number))
  const fileOf = (id: string) => join(dir, `${id}.json`)

  return { add, list, find: (id: string) => messages.get(id), clear }

  /** Returns once the message would survive a power cut. */
  async function add(message: Omit<Message, 'id' | 'receivedAt'>): Promise<void> {
    const now = clock.now()
    // By time, and never the same twice: ids sort as messages came in, whatever the clock does.
    lastId = Math.max(now.getTime(), lastId + 1)
    const id = String(lastId).padStart(13, '0')
    const kept = { id, ...message, receivedAt: now.toISOString() }
    // Sign-in codes are for the owner's eyes.
    await writeFileAtomically(fileOf(id), JSON.stringify(kept, null, 2), { mode: 0o600 })
    messages.set(id, kept)
    await forget([...messages.keys()].toSorted().slice(0, -capacity))
  }

  /** Newest first; `to` in whichever case, its domain in Unicode or in ASCII. */
  function list(to?: string): readonly Message[] {
    const wanted = to === undefined ? undefined : comparable(to)
    return [...messages.values()]
      .filter((message) => wanted === undefined || comparable(message.to) === wanted)
      .toSorted((a, b) => Number(b.id) - Number(a.id))
  }

  function clear(): Promise<void> {
    return forget([...messages.keys()])
  }

  async function forget(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    for (const id of ids) messages.delete(id)
    await Promise.all(ids.map((id) => rm(fileOf(id), { force: true })))
    await syncFolder(dir)
  }
}

function comparable(address: string): string {
  const [, local = address, domain = ''] = /^(.*@)([^@]*)$/.exec(address) ?? []
  return (local + domainToASCII(domain)).toLowerCase()
}

/** Clears away what a crash has left half-written; passes over what is none of ours. */
async function readMessages(dir: string, log: Log): Promise<Map<string, Message>> {
  const names = await readdir(dir)
  const unfinished = names.filter((name) => name.endsWith('.tmp'))
  await Promise.all(unfinished.map((name) => rm(join(dir, name), { force: true })))
  const found = names.filter((name) => name.endsWith('.json')).toSorted()
  const messages = await Promise.all(found.map((name) => readMessage(join(dir, name), log)))
  return new Map(messages.filter((message) => message !== undefined).map((message) => [message.id, message]))
}

async function readMessage(path: string, log: Log): Promise<Message | undefined> {
  try {
    return Message.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    log.warn(`passing over the message ${path}: ${messageOf(error)}`)
    return undefined
  }
}
