/** The passes in progress, one for each key at most, each with a signal of its own. */
export function createPasses() {
  const inProgress = new Map<string, AbortController>()
  return { begin, cutShort }

  /** The signal fires with `stop`, or when the pass is cut short. Whoever begins one ends it. */
  function begin(key: string, stop: AbortSignal) {
    const cut = new AbortController()
    // Not AbortSignal.any: what that makes is kept for as long as `stop` is, which is as long as the process leads.
    const onStop = () => cut.abort(stop.reason)
    stop.addEventListener('abort', onStop, { once: true })
    if (stop.aborted) onStop()
    inProgress.set(key, cut)
    const end = () => {
      stop.removeEventListener('abort', onStop)
      inProgress.delete(key)
    }
    return { signal: cut.signal, end }
  }

  function cutShort(key: string): void {
    inProgress.get(key)?.abort(new Error('what it was for is no longer wanted'))
  }
}
