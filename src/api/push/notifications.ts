import pg from 'pg'
import { backoffMs } from '../../platform/backoff.ts'
import { sleep } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import { outboxChannel } from './store.ts'

export type NotificationsOptions = { databaseUrl: string; log: Log; onNotified: () => void }

/**
 * Hears of new rows the moment they are committed, on a connection of its own that comes back when it is lost. Only a
 * hurry-up: the feeder polls as well, because a notification can be lost together with the connection.
 */
export function listenForRows({ databaseUrl, log, onNotified }: NotificationsOptions): AsyncDisposable {
  const end = new AbortController()

  async function listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      application_name: 'galaxy-api-push',
    })
    const { promise: lost, resolve } = Promise.withResolvers<void>()
    client.on('error', () => resolve())
    client.on('end', () => resolve())
    client.on('notification', onNotified)
    end.signal.addEventListener('abort', () => resolve(), { once: true })
    try {
      await client.connect()
      await client.query(`LISTEN ${outboxChannel}`)
      onNotified()
      if (!end.signal.aborted) await lost
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  async function run(): Promise<void> {
    for (let failures = 1; !end.signal.aborted; failures += 1) {
      const startedAtMs = performance.now()
      await listen().catch((error: unknown) => log.debug({ problem: messageOf(error) }, 'cannot listen for new rows'))
      if (performance.now() - startedAtMs > 60_000) failures = 1
      await sleep(backoffMs(failures, { baseMs: 100, maxMs: 10_000 }), end.signal)
    }
  }

  const running = run()
  return {
    [Symbol.asyncDispose]: async () => {
      end.abort()
      await running
    },
  }
}
