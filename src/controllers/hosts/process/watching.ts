import { messageOf } from '../../../platform/errors.ts'
import type { GameRef } from '../port.ts'
import { seemsToRun } from './identity.ts'
import type { StartedRecord } from './record.ts'

export type Watching = {
  everyMs: number
  /** Called for an engine that seems to have ended: records that, if it is so. Tells whether it runs after all. */
  stillRuns: (game: GameRef) => Promise<boolean>
  warn: (message: string) => void
}

/**
 * Knows the running engines and tells whoever listens of what starts and ends. An engine that a predecessor started is
 * not our child: its end is seen only by looking.
 */
export function createWatch({ everyMs, stillRuns, warn }: Watching) {
  const listeners = new Set<(game: GameRef) => void>()
  const running = new Map<string, StartedRecord>()
  let looking = false
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()

  return { listen, started, ended, stop, running: () => [...running.values()] }

  function listen(onChange: (game: GameRef) => void): Disposable {
    // Wrapped, so that one function may listen twice.
    const listener = (game: GameRef) => onChange(game)
    listeners.add(listener)
    return { [Symbol.dispose]: () => listeners.delete(listener) }
  }

  function tell(game: GameRef): void {
    for (const listener of listeners) {
      try {
        listener(game)
      } catch (error) {
        warn(`a listener failed: ${messageOf(error)}`)
      }
    }
  }

  function started(record: StartedRecord): void {
    if (running.get(record.game.uid)?.nonce === record.nonce) return
    running.set(record.game.uid, record)
    tell(record.game)
  }

  function ended(game: GameRef): void {
    if (running.delete(game.uid)) tell(game)
  }

  function stop(): void {
    clearInterval(timer)
    listeners.clear()
    running.clear()
  }

  async function look(): Promise<void> {
    if (looking) return
    looking = true
    try {
      const gone = [...running.values()].filter(({ process }) => !seemsToRun(process))
      await Promise.all(gone.map(closerLook))
    } finally {
      looking = false
    }
  }

  async function closerLook(record: StartedRecord): Promise<void> {
    const runs = await stillRuns(record.game).catch((error: unknown) => {
      warn(messageOf(error))
      // Whoever hears of it asks for the game, and is told what is wrong.
      return false
    })
    if (!runs && running.get(record.game.uid) === record) ended(record.game)
  }
}
