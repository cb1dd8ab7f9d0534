import { sleep } from '../platform/clock.ts'
import { messageOf, StartupError } from '../platform/errors.ts'

/**
 * Waits until the address answers with success.
 * @throws StartupError saying what it answered last, when that takes longer than `deadlineMs`
 */
export async function untilOk(url: string, { deadlineMs = 30_000, pollMs = 15 } = {}): Promise<void> {
  const end = AbortSignal.timeout(deadlineMs)
  for (;;) {
    const last = await ask(url, end)
    if (last === undefined) return
    if (end.aborted) throw new StartupError(`${url} was not ready within ${deadlineMs / 1000} s: ${last}`)
    await sleep(pollMs, end)
  }
}

/** Undefined when it is ready. */
async function ask(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal })
    const body = await response.text()
    return response.ok ? undefined : `${response.status} ${body}`
  } catch (error) {
    return messageOf(error)
  }
}
