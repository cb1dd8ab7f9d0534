import { z } from 'zod'
import { parseExactJson } from '../exact-json.ts'
import type { KubeConfig } from './config.ts'
import { KubernetesError, statusError } from './errors.ts'
import { splitLines } from './lines.ts'
import type { KubernetesObject, ResourceKind } from './objects.ts'
import { collectionPath } from './paths.ts'
import { streamApi } from './transport.ts'

export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: unknown }
  | { type: 'BOOKMARK'; resourceVersion: string }

export type WatchTiming = {
  /** Until the answer begins. */
  connectMs: number
  /** Longest silence: bookmarks come about once a minute. */
  idleMs: number
  /** The server ends the watch after a random time between this and twice this, so that load spreads over replicas. */
  serverTimeoutMs: number
}

export const defaultWatchTiming: WatchTiming = { connectMs: 10_000, idleMs: 90_000, serverTimeoutMs: 240_000 }

const Line = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: z.unknown() }),
  z.object({
    type: z.literal('BOOKMARK'),
    object: z.object({ metadata: z.object({ resourceVersion: z.string() }) }),
  }),
  z.object({ type: z.literal('ERROR'), object: z.unknown() }),
])

/**
 * What happens to a collection after `resourceVersion`, until the server ends it (it returns) or something breaks.
 * Not the library's Watch: in 2.0.1 that one ignores lines it cannot read, ends a stream cut short as if it were
 * complete, cannot be aborted while it connects, and hands ERROR events to the caller as objects.
 * @throws KubernetesError, also for an ERROR event (410 Expired among them)
 */
export async function* watchCollection<T extends KubernetesObject>(
  config: KubeConfig,
  kind: ResourceKind<T>,
  options: {
    namespace?: string | undefined
    labelSelector?: string | undefined
    resourceVersion: string
    timing: WatchTiming
    signal: AbortSignal
  },
): AsyncGenerator<WatchEvent, void, undefined> {
  const { connectMs, idleMs, serverTimeoutMs } = options.timing
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    labelSelector: options.labelSelector,
    resourceVersion: options.resourceVersion,
    timeoutSeconds: String(Math.ceil((serverTimeoutMs / 1000) * (1 + Math.random()))),
  }
  const path = collectionPath(kind, options.namespace)
  const { signal } = options
  const chunks = streamApi(config, { method: 'GET', path, query }, { connectMs, idleMs, signal })
  for await (const line of splitLines(chunks)) {
    const event = readLine(line)
    if (event) yield event
  }
}

function readLine(line: string): WatchEvent | undefined {
  if (line === '') return undefined
  const event = Line.safeParse(parseJson(line)).data
  if (!event) throw new KubernetesError(200, 'BadAnswer', `the watch sent no event: ${line.slice(0, 120)}`)
  switch (event.type) {
    case 'ERROR':
      throw statusError(500, event.object)
    case 'BOOKMARK':
      return { type: 'BOOKMARK', resourceVersion: event.object.metadata.resourceVersion }
    default:
      return { type: event.type, object: event.object }
  }
}

function parseJson(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch {
    return undefined
  }
}
