import { type Drops, noDrops } from './drops.ts'
import { LineSink } from './line-sink.ts'
import { type Descriptor, openTarget } from './target.ts'

export { dropReasons, type Drops } from './drops.ts'

/** Lines that this process could not write to its standard output and standard error, since it started. */
export const droppedByProcess: Drops = noDrops()

/** How long the end of a process waits for a reader of its last lines. */
const lastWordsMs = 250

/** Where the log and messages of errors go. */
export const standardError = once(2)

/** Where lines for other programs go, such as spans. What a command prints goes to `process.stdout`. */
export const standardOutput = once(1)

function once(descriptor: Descriptor): () => LineSink {
  let sink: LineSink | undefined
  return () => (sink ??= openSink(descriptor))
}

function openSink(descriptor: Descriptor): LineSink {
  const sink = new LineSink({ target: openTarget(descriptor), dropped: droppedByProcess })
  process.once('exit', () => sink.flush(lastWordsMs))
  return sink
}
