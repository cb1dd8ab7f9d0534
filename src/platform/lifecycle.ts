import { once } from 'node:events'

/**
 * Starts a service, keeps it until SIGINT or SIGTERM, then disposes of it and lets the process end by itself.
 * `start` is told of a signal that comes while it is still starting, and may then throw the signal's reason. A second
 * signal ends the process at once, with code 1.
 */
export async function runUntilSignalled(start: (stop: AbortSignal) => Promise<AsyncDisposable>): Promise<void> {
  const stop = new AbortController()
  const onSignal = (name: NodeJS.Signals) => (stop.signal.aborted ? process.exit(1) : stop.abort(name))
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal)
  try {
    await using _service = await start(stop.signal)
    if (!stop.signal.aborted) await once(stop.signal, 'abort')
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal)
  }
}
