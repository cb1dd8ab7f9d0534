import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { childEnvironment } from '../../platform/child-environment.ts'

/**
 * Runs Postgres in a session of its own (Ctrl-C in the terminal is ours to handle) and ends it, fast and clean, as soon
 * as descriptor 3 closes: also when this process is killed and runs no code any more.
 */
const supervise = `"$@" 3<&- &
postgres=$!
( read -r _ <&3; kill -INT "$postgres" ) 2>/dev/null &
watcher=$!
wait "$postgres"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"`

export type Postmaster = {
  /** The last lines it said. */
  output: () => string
  /** Resolves with the exit code once it has ended, however that came. */
  ended: Promise<number>
  stop: () => Promise<void>
}

export function runPostmaster(command: readonly string[]): Postmaster {
  const child = spawn('sh', ['-c', supervise, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    env: childEnvironment(),
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000)
    })
  }
  const ended = once(child, 'close').then(() => child.exitCode ?? -1)
  const lifeline = lifelineOf(child)
  return {
    output: () => said,
    ended,
    stop: async () => {
      lifeline.destroy()
      await ended
    },
  }
}

function lifelineOf(child: ChildProcess): Readable | Writable {
  const stream = child.stdio[3]
  if (!stream) throw new TypeError('no lifeline to Postgres')
  return stream
}
