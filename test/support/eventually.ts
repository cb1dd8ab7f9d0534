import { setTimeout as delay } from 'node:timers/promises'

/** How long a test waits for what must happen: far longer than it takes, so that a slow machine does not fail it. */
export const patienceMs = 20_000

/**
 * Polls until it holds.
 * @param show says what is there instead, for the failure
 */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  withinMs = patienceMs,
  show = () => '',
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms ${show()}`.trimEnd())
    await delay(20)
  }
}
