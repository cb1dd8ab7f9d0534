import type { Clock } from '../../platform/clock.ts'
import { createHttpApp, listen } from '../../platform/http.ts'
import type { Log } from '../../platform/log.ts'
import type { ListenAddress } from '../../platform/settings.ts'
import { mailboxRoutes } from './routes.ts'
import { startSmtp } from './smtp.ts'
import { openMessageStore } from './store.ts'

export type MailboxOptions = {
  smtp: ListenAddress
  http: ListenAddress
  /** Where messages are kept. */
  dir: string
  clock: Clock
  log: Log
}

export type Mailbox = AsyncDisposable & { smtpUrl: string; url: string }

/**
 * An SMTP server that keeps all mail to itself, and a page and an API to read it.
 * @throws StartupError when an address cannot be bound
 */
export async function startMailbox({ smtp, http, dir, clock, log }: MailboxOptions): Promise<Mailbox> {
  await using stack = new AsyncDisposableStack()
  const store = await openMessageStore({ dir, clock, log })
  const app = createHttpApp({ log: log.child({}, { level: 'warn' }) })
  app.register(mailboxRoutes(store))
  const listener = stack.use(await listen(app, http, 'the mailbox'))
  const server = stack.use(await startSmtp({ address: smtp, keep: store.add, log }))
  const held = stack.move()
  return { smtpUrl: server.url, url: listener.url, [Symbol.asyncDispose]: () => held.disposeAsync() }
}
