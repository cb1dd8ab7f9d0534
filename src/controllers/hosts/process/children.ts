import type { ChildProcess } from 'node:child_process'
import { sleep } from '../../../platform/clock.ts'

export type ChildEnd = { code?: number | undefined; signal?: string | undefined }

/**
 * How the engines that this very process spawned end, by the nonce of their start. Only a parent is told that, so it is
 * kept for the whole process: a host that takes over from another one in here then knows it, too.
 */
const ends = new Map<string, Promise<ChildEnd>>()

/** Remembers the child; the answer settles when it has ended and been reaped. */
export function rememberChild(nonce: string, child: ChildProcess): Promise<ChildEnd> {
  const end = new Promise<ChildEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }))
    // It was never there.
    child.once('error', () => {
      ends.delete(nonce)
      resolve({})
    })
  })
  ends.set(nonce, end)
  return end
}

/** How an engine that runs no more has ended; undefined for one that another process spawned. */
export async function childEnd(nonce: string): Promise<ChildEnd | undefined> {
  const end = ends.get(nonce)
  if (!end) return undefined
  // It is gone or a zombie, so its exit is about to be told.
  const waiting = new AbortController()
  const known = await Promise.race([end, sleep(2000, waiting.signal).then((): ChildEnd => ({}))])
  waiting.abort()
  return known
}

/** Call it once the end is recorded, or will never be. */
export function forgetChild(nonce: string): void {
  ends.delete(nonce)
}
