import { constants, fstatSync, openSync, write, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { SinkTarget } from './line-sink.ts'

export type Descriptor = 1 | 2

/**
 * Standard output or standard error as something that is written to without waiting. A pipe or a terminal that nobody
 * reads stops whoever writes to it, so these are opened once more, in non-blocking mode: the mode of a descriptor that was
 * inherited is shared with the processes that also have it. A file is written by a thread of the pool, because a disk that
 * hangs knows no such mode.
 */
export function openTarget(descriptor: Descriptor): SinkTarget {
  if (isatty(descriptor)) {
    const own = reopen(descriptor)
    return own === undefined ? inBackground(descriptor) : atOnce(own)
  }
  const stat = fstatSync(descriptor, { throwIfNoEntry: false })
  if (stat?.isFIFO()) return atOnce(reopen(descriptor) ?? switchMode(descriptor))
  // A socket cannot be opened by its path.
  if (stat?.isSocket()) return atOnce(switchMode(descriptor))
  return inBackground(descriptor)
}

/** Undefined where the system has no such path (macOS), or does not let this account open it. */
function reopen(descriptor: Descriptor): number | undefined {
  try {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    return undefined
  }
}

/** Node.js puts pipes and sockets into non-blocking mode when it makes its own stream of them. */
function switchMode(descriptor: Descriptor): number {
  const stream = descriptor === 1 ? process.stdout : process.stderr
  stream.on('error', () => undefined)
  return descriptor
}

function atOnce(descriptor: number): SinkTarget {
  return {
    write: (chunk, done) => {
      let written = 0
      let failure: unknown
      try {
        written = writeSync(descriptor, chunk)
      } catch (error) {
        failure = error
      }
      done(failure, written)
    },
    writeNow: (chunk) => writeSync(descriptor, chunk),
  }
}

function inBackground(descriptor: number): SinkTarget {
  return {
    write: (chunk, done) => write(descriptor, chunk, done),
    writeNow: (chunk) => writeSync(descriptor, chunk),
  }
}
