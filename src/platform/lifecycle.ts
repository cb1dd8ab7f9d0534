import { once } from 'node:events'

/**
 * Starts a service, keeps it until SIGINT or SIGTERM, then disposes of it and lets the process end by itself.
 * `start` is told of a signal that comes while it is still starting.
 */
export async function runUntilSignalled(start: (stop: AbortSignal) => Promise<AsyncDisposable>): Promise<void> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(name))
  await using _service = await start(stop.signal)
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
}
