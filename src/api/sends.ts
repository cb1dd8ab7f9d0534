import { createDrain } from '../platform/drain.ts'
import type { MailTransport } from './mail/index.ts'

/** The transport's `send`, and what knows which sends are in progress. */
export function countSends(transport: Pick<MailTransport, 'send'>) {
  const drain = createDrain()
  const send: MailTransport['send'] = async (mail, signal) => {
    const call = {}
    drain.begin(call)
    try {
      return await transport.send(mail, signal)
    } finally {
      drain.end(call)
    }
  }
  return { send, drain }
}
