import { readFile } from 'node:fs/promises'

export type KeptFile = {
  (): Promise<string>
  /** For a server that did not take the content: it is read again at the next call. */
  refused: () => void
}

/**
 * A small file that others replace now and then (a service account's token, a certificate): read again once what is
 * known of it is a minute old, or refused. Where it cannot be read just then, what it last said still counts.
 * @param nowMs for tests that bring their own time
 */
export function keepFile(path: string, nowMs: () => number = () => performance.now()): KeptFile {
  let content: string | undefined
  let readAtMs = 0
  let isRefused = false

  async function read(): Promise<string> {
    if (content !== undefined && !isRefused && nowMs() - readAtMs < staleAfterMs) return content
    try {
      content = await readFile(path, 'utf8')
      readAtMs = nowMs()
      isRefused = false
    } catch (error) {
      if (content === undefined) throw error
    }
    return content
  }

  return Object.assign(read, {
    refused: () => {
      isRefused = true
    },
  })
}

/** As client-go does it. */
const staleAfterMs = 60_000
