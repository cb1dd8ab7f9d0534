import { isIP } from 'node:net'
import { createTransport, type SMTPPoolOptions } from 'nodemailer'
import addressparser from 'nodemailer/lib/addressparser'
import { z } from 'zod'
import { messageOf, StartupError } from '../../platform/errors.ts'
import { externalText } from '../../platform/external-text.ts'
import { inSpan } from '../../platform/telemetry/index.ts'
import { singleAddress } from './address.ts'
import { classify } from './classify.ts'
import type { Outcome } from './model.ts'

export type OutgoingMail = {
  /** The delivery's: sent again, it has the same Message-ID. */
  id: string
  to: string
  subject: string
  text: string
  html: string
}

/** What ends an attempt before its deadline. */
export type AttemptEnds = {
  /** The process stops: the attempt does not count. */
  signal?: AbortSignal
  /** Other mail waits for the connection: the attempt counts as one without an answer. */
  giveWay?: AbortSignal
}

export type MailTransport = {
  /**
   * Sends one mail to one recipient.
   * @throws SendError
   */
  send: (mail: OutgoingMail, ends?: AttemptEnds) => Promise<{ response: string }>
  /** @throws when the server cannot be reached or does not accept our credentials */
  verify: () => Promise<void>
  close: () => void
}

/** Why a mail was not sent, or perhaps was. */
export class SendError extends Error {
  override name = 'SendError'
  readonly outcome: Outcome

  constructor(outcome: Outcome, options?: ErrorOptions) {
    super(outcome.detail, options)
    this.outcome = outcome
  }
}

type SmtpOptions = {
  /** `smtp://` (encrypted when the server offers it) or `smtps://`, with user and password when they are needed. */
  url: string
  /** An address, or a name and an address. */
  from: string
  /** For a whole attempt, whatever the server does or does not do. */
  deadlineMs: number
  /** At once, at most. */
  connections?: number
}

/**
 * Sends by SMTP over pooled connections.
 * @throws StartupError when `url` or `from` makes no sense
 */
export function createSmtpTransport({ url, from, deadlineMs, connections = 1 }: SmtpOptions): MailTransport {
  const sender = parseSender(from)
  const domain = sender.address.slice(sender.address.lastIndexOf('@') + 1)
  const pool = createTransport({ ...poolOptions(url, deadlineMs), maxConnections: connections, pool: true })

  async function send({ id, to, ...content }: OutgoingMail, { signal, giveWay }: AttemptEnds) {
    const recipient = singleAddress(to)
    if (recipient === undefined) {
      throw new SendError({ verdict: 'dead', detail: 'the recipient is not one plain address' })
    }
    const deadline = AbortSignal.timeout(deadlineMs)
    try {
      const { response } = await pool.sendMail({
        ...content,
        from: sender,
        to: { name: '', address: recipient },
        envelope: { from: sender.address, to: [recipient] },
        messageId: `<${id}@${domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.any([deadline, signal, giveWay].filter((each) => each !== undefined)),
      })
      return { response: externalText(response) }
    } catch (error) {
      if (signal?.aborted) throw new SendError({ verdict: 'pause', detail: 'broken off' }, { cause: error })
      if (giveWay?.aborted) {
        const detail = 'no answer while other mail waited'
        throw new SendError({ verdict: 'retry', detail, gaveWay: true })
      }
      if (deadline.aborted) {
        throw new SendError({ verdict: 'retry', detail: `no answer in ${deadlineMs} ms`, stalled: true })
      }
      throw new SendError(classify(failureOf(error)), { cause: error })
    }
  }

  return {
    send: (mail, ends = {}) => inSpan('smtp send', { kind: 'client' }, () => send(mail, ends)),
    verify: async () => void (await pool.verify()),
    close: () => pool.close({ force: true }),
  }
}

function poolOptions(url: string, deadlineMs: number): SMTPPoolOptions {
  const parsed = URL.parse(url)
  if (!parsed || !['smtp:', 'smtps:'].includes(parsed.protocol) || !parsed.hostname) {
    throw new StartupError('the SMTP server must be given as smtp://host:port or smtps://host:port')
  }
  return {
    url,
    // Only what the server has seen nothing of is handed over to a second connection.
    maxRequeues: 1,
    connectionTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    socketTimeout: deadlineMs,
    dnsTimeout: deadlineMs,
    socketCloseTimeout: 1_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    maxRecipients: 1,
    // A password is not sent in the clear because somebody on the way has taken STARTTLS out of the greeting.
    ...(parsed.password &&
      !isLoopback(parsed.hostname) &&
      !parsed.searchParams.has('requireTLS') && { requireTLS: true }),
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** @throws StartupError */
function parseSender(from: string): { name: string; address: string } {
  const [sender, ...more] = addressparser(from)
  const address = singleAddress(sender?.address ?? '')
  if (sender === undefined || address === undefined || more.length > 0) {
    throw new StartupError(
      `the sender of mail must be one address such as "Galaxy <galaxy@example.org>", but is "${from}"`,
    )
  }
  return { name: sender.name, address }
}

const safeText = z.string().transform((text) => externalText(text))

/** A reply code as SMTP has them (RFC 5321, section 4.2.1). A server may begin its line with any number. */
const ReplyCode = z.int().min(200).max(599)

const Failure = z.object({
  message: safeText,
  code: z.string().optional().catch(undefined),
  originalCode: z.string().optional().catch(undefined),
  command: z.string().optional().catch(undefined),
  responseCode: ReplyCode.optional().catch(undefined),
  response: safeText.optional().catch(undefined),
})

function failureOf(error: unknown) {
  return Failure.safeParse(error).data ?? { message: externalText(messageOf(error)) }
}
