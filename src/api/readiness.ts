/** Whether one part of the process is ready, known without asking anybody. */
export type Flag = () => boolean

/**
 * What `/readyz` tells: every part has its flag, and looking at them costs no I/O, so that a slow database cannot fail
 * the probes of every replica at once.
 */
export function createReadiness(flags: Readonly<Record<string, Flag>>) {
  let draining = false
  return {
    /** From now on no traffic is wanted. */
    drain: () => {
      draining = true
    },
    draining: () => draining,
    /** The parts that are not ready. */
    waitingFor: () => Object.keys(flags).filter((name) => !flags[name]?.()),
  }
}

export type Readiness = ReturnType<typeof createReadiness>
