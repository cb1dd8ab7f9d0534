import { systemClock } from '../../platform/clock.ts'
import type { Part } from '../running-parts.ts'
import type { PartsOptions } from './options.ts'

/** Takes all mail that the api sends, and shows it. */
export function mailboxPart({ layout, ports, log, addresses }: PartsOptions): Part {
  return {
    name: 'the mailbox',
    stopWithinMs: 5_000,
    start: async () => {
      const { startMailbox } = await import('../mailbox/index.ts')
      const mailbox = await startMailbox({
        smtp: ports.address('smtp'),
        http: ports.address('mailbox'),
        dir: layout.mail,
        clock: systemClock,
        log: log.child({ part: 'mailbox' }),
      })
      ports.learn('smtp', mailbox.smtpUrl)
      ports.learn('mailbox', mailbox.url)
      addresses.smtp = mailbox.smtpUrl
      addresses.mailbox = mailbox.url
      return mailbox
    },
  }
}
