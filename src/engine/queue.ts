/** Runs one piece of work at a time, in the sequence asked for. */
export type Queue = { run: <T>(work: () => Promise<T>) => Promise<T>; idle: () => Promise<void> }

export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run: <T>(work: () => Promise<T>) => {
      const running = last.then(work)
      last = running.catch(() => undefined)
      return running
    },
    idle: async () => {
      await last
    },
  }
}
