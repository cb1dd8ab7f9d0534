import { Refusal } from '../../platform/errors.ts'

/**
 * Does work that its signal ends: after `timeoutMs`, or when the caller's `signal` fires, because it has gone away or its
 * own deadline has passed.
 * @throws Refusal `backend_unavailable` (late) when the signal ended it; otherwise what the work throws
 */
export async function withinDeadline<T>(
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const abort = () => late.abort()
  if (signal.aborted) abort()
  const timer = setTimeout(abort, timeoutMs)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await work(late.signal)
  } catch (cause) {
    if (!late.signal.aborted) throw cause
    throw new Refusal('late', 'backend_unavailable', 'The platform did not answer in time.', { cause })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}
