/** Runs one piece of work after the other, in the order in which they came. */
export function createMutex() {
  let last: Promise<unknown> = Promise.resolve()
  return { run, idle }

  function run<T>(work: () => Promise<T>): Promise<T> {
    const running = last.then(work)
    last = running.catch(() => undefined)
    return running
  }

  /** When all that was asked for is done. */
  async function idle(): Promise<void> {
    await last
  }
}
