import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Starts a service, keeps it until SIGINT or SIGTERM, then disposes of it and lets the process end by itself.
 * `start` is told of a signal that comes while it is still starting, and may then throw the signal's reason; when it has
 * not ended after `startWithinMs`, it is left behind. A second signal ends the process at once, with code 1.
 */
export async function runUntilSignalled(
  start: (stop: AbortSignal) => Promise<AsyncDisposable>,
  { startWithinMs = 2000 }: { startWithinMs?: number } = {},
): Promise<void> {
  const stop = new AbortController()
  const onSignal = (name: NodeJS.Signals) => (stop.signal.aborted ? process.exit(1) : stop.abort(name))
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal)
  try {
    await using _service = await Promise.race([start(stop.signal), abandoned(stop.signal, startWithinMs)])
    if (!stop.signal.aborted) await once(stop.signal, 'abort')
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal)
  }
}

/** Throws the signal's reason some time after it: a database that does not answer must not keep who wants to stop. */
async function abandoned(stop: AbortSignal, afterMs: number): Promise<never> {
  if (!stop.aborted) await once(stop, 'abort')
  // It does not keep the process by itself.
  await delay(afterMs, undefined, { ref: false })
  throw stop.reason
}
