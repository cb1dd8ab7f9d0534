import { isIP } from 'node:net'
import { createTransport, type SMTPPoolOptions } from 'nodemailer'
import addressparser from 'nodemailer/lib/addressparser'
import { z } from 'zod'
import { messageOf, StartupError } from '../../platform/errors.ts'
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

export type MailTransport = {
  /**
   * Sends one mail to one recipient; `signal` breaks it off.
   * @throws SendError
   */
  send: (mail: OutgoingMail, signal?: AbortSignal) => Promise<{ response: string }>
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
}

/**
 * Sends by SMTP over pooled connections.
 * @throws StartupError when `url` or `from` makes no sense
 */
export function createSmtpTransport({ url, from, deadlineMs }: SmtpOptions): MailTransport {
  const sender = parseSender(from)
  const domain = sender.address.slice(sender.address.lastIndexOf('@') + 1)
  const pool = createTransport({ ...poolOptions(url, deadlineMs), pool: true })

  async function send({ id, to, ...content }: OutgoingMail, signal?: AbortSignal) {
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
        signal: signal ? AbortSignal.any([deadline, signal]) : deadline,
      })
      return { response }
    } catch (error) {
      if (signal?.aborted) throw new SendError({ verdict: 'pause', detail: 'broken off' }, { cause: error })
      if (deadline.aborted) throw new SendError({ verdict: 'retry', detail: `no answer in ${deadlineMs} ms` })
      throw new SendError(classify(failureOf(error)), { cause: error })
    }
  }

  return {
    send: (mail, signal) => inSpan('smtp send', { kind: 'client' }, () => send(mail, signal)),
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
    maxConnections: 1,
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

const Failure = z.object({
  message: z.string(),
  code: z.string().optional().catch(undefined),
  originalCode: z.string().optional().catch(undefined),
  command: z.string().optional().catch(undefined),
  responseCode: z.number().optional().catch(undefined),
  response: z.string().optional().catch(undefined),
})

function failureOf(error: unknown) {
  return Failure.safeParse(error).data ?? { message: messageOf(error) }
}
