import { Code } from '@connectrpc/connect'
import type { ClientClock } from './clock.ts'
import { GatewayRefused } from './errors.ts'

/**
 * Passes a stream on until nothing has come for `limitMs`: a connection can be dead without anybody being told. The caller
 * must then end the stream itself. Ends without an error when the signal fires.
 * @throws GatewayRefused `unreachable`
 */
export async function* untilSilent<T>(
  stream: AsyncIterable<T>,
  { limitMs, clock, signal }: { limitMs: number; clock: ClientClock; signal: AbortSignal },
): AsyncGenerator<T, void> {
  const iterator = stream[Symbol.asyncIterator]()
  try {
    for (;;) {
      const heard = new AbortController()
      const next = iterator.next()
      const silence = clock.sleep(limitMs, AbortSignal.any([signal, heard.signal])).then(() => 'silence' as const)
      const first = await Promise.race([next, silence]).finally(() => heard.abort())
      if (first === 'silence') {
        // It fails as soon as the caller ends the stream; nobody waits for it then.
        next.catch(() => undefined)
        if (signal.aborted) return
        throw new GatewayRefused(`nothing was heard for ${limitMs / 1000} s`, {
          code: 'unreachable',
          connectCode: Code.Unavailable,
        })
      }
      if (first.done) return
      yield first.value
    }
  } finally {
    // Not waited for: it comes to its end only after what is still being read, and that ends with the caller's signal.
    iterator.return?.().catch(() => undefined)
  }
}
