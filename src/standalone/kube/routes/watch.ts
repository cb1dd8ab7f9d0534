import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../../platform/clock.ts'
import type { Registry } from '../kinds/index.ts'
import { readWatchOptions } from '../read/list-options.ts'
import { negotiate } from '../read/negotiate.ts'
import { selectionOf } from '../read/selection.ts'
import type { ResourceRequest } from '../request-info.ts'
import type { Store } from '../store/index.ts'
import { createEncoder } from '../watch/encode.ts'
import { startWatch, type Watch } from '../watch/watch.ts'
import { targetOf } from './resources.ts'

/** Answers watches; `end` ends those that run. */
export type Watches = {
  start: (info: ResourceRequest, request: FastifyRequest, reply: FastifyReply) => void
  end: () => void
}

export function createWatches({ store, registry, clock }: { store: Store; registry: Registry; clock: Clock }): Watches {
  const running = new Set<Watch>()
  return { start, end: () => running.forEach((watch) => watch.end()) }

  function start(info: ResourceRequest, request: FastifyRequest, reply: FastifyReply): void {
    const { kind, namespace, name } = targetOf(registry, info)
    const selection = selectionOf(kind, namespace, info.query, name)
    const options = readWatchOptions(info.query)
    const as = negotiate(request.headers.accept)
    const encode = createEncoder({ kind, as, include: info.query.get('includeObject') }, () => clock.now())
    // From here on the answer is ours, byte by byte.
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' })
    raw.flushHeaders()
    const watch = startWatch(
      store,
      { kind, selection, options, encode },
      {
        write: (text) => raw.write(text),
        onDrain: (listener) => void raw.on('drain', listener),
        end: () => void raw.end(),
        destroy: () => void raw.destroy(),
      },
    )
    running.add(watch)
    raw.on('error', () => undefined)
    raw.on('close', () => {
      running.delete(watch)
      watch.closed()
    })
  }
}
