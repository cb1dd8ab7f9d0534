import { once } from 'node:events'
import { simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { messageOf, StartupError } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import type { ListenAddress } from '../../platform/settings.ts'
import type { Message } from './model.ts'

const sizeLimit = 1_048_576

type SmtpOptions = {
  address: ListenAddress
  keep: (message: Omit<Message, 'id' | 'receivedAt'>) => Promise<void>
  log: Log
}

/**
 * Takes whatever mail it is given, for whomever, and says so only once it is kept.
 * @throws StartupError when the address cannot be bound
 */
export async function startSmtp({ address, keep, log }: SmtpOptions): Promise<AsyncDisposable & { url: string }> {
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: sizeLimit,
    maxClients: 50,
    closeTimeout: 1_000,
    onData: (stream, session, done) => {
      receive(stream, session, keep).then(
        () => done(),
        (error: unknown) => {
          log.warn(`mail not taken: ${messageOf(error)}`)
          done(asReply(error))
        },
      )
    },
  })
  // A client that goes away in the middle of something is not our failure.
  server.on('error', (error) => log.debug(`smtp: ${messageOf(error)}`))
  const listening = once(server.server, 'listening')
  server.listen(address.port, address.host)
  try {
    await listening
  } catch (error) {
    throw new StartupError(`the mailbox's SMTP: cannot listen on ${address.host}:${address.port}: ${messageOf(error)}`)
  }
  const bound = server.server.address()
  const port = typeof bound === 'object' && bound ? bound.port : address.port
  return {
    url: `smtp://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
  }
}

class TooLarge extends Error {
  override name = 'TooLarge'
}

function asReply(error: unknown): Error {
  return error instanceof TooLarge
    ? Object.assign(new Error(error.message), { responseCode: 552 })
    : Object.assign(new Error('the mail could not be kept'), { responseCode: 451 })
}

async function receive(stream: SMTPServerDataStream, { envelope }: SMTPServerSession, keep: SmtpOptions['keep']) {
  const parsed = await simpleParser(await readAll(stream))
  const { mailFrom, rcptTo } = envelope
  const from = parsed.from?.text ?? (mailFrom ? mailFrom.address : '')
  const { subject = '', text = '', html } = parsed
  for (const { address: to } of rcptTo) await keep({ to, from, subject, text, html: html === false ? null : html })
}

/** @throws TooLarge after all has been read: only then does SMTP let us answer */
async function readAll(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    if (!stream.sizeExceeded && Buffer.isBuffer(chunk)) chunks.push(chunk)
  }
  if (stream.sizeExceeded) throw new TooLarge(`a mail may have ${sizeLimit} bytes`)
  return Buffer.concat(chunks)
}
