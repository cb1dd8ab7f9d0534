/**
 * Runs `work` one at a time. A call while it runs gets the run after that, which all such calls share: the run that a
 * caller gets has always begun after the call.
 */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let latest: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | undefined
  return () => {
    if (waiting) return waiting
    const run = latest
      .catch(() => undefined)
      .then(() => {
        waiting = undefined
        return work()
      })
    waiting = run
    latest = run
    return run
  }
}
