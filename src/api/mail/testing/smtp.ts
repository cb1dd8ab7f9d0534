import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

/** What the server does with the next mail: takes it, answers at a command, or behaves badly. */
export type Script =
  | 'take'
  | { at: 'mail' | 'rcpt' | 'data'; reply: string }
  /** Takes the mail with these words after the 250. */
  | { accept: string }
  /** Reads the whole mail and drops the connection without a word. */
  | 'reset after DATA'
  /** Takes the mail, and drops the connection right after saying so. */
  | 'close after 250'
  /** Takes the mail once `release` is called. */
  | 'hold'

export type Received = { recipients: string[]; mail: ParsedMail }

export type ScriptedSmtp = AsyncDisposable & {
  url: string
  /** Every mail whose content came in whole, whatever was answered. */
  received: Received[]
  scripts: Script[]
  /** Gives no answer to RCPT for these addresses; the connection stays. */
  isSilentAbout: (address: string) => boolean
  /** Refuses every password while true. */
  refusesPasswords: boolean
  passwordsSeen: number
  connections: number
  release: () => void
}

/** A real SMTP server that follows a script, one entry for each mail; after its end it takes everything. */
export async function startScriptedSmtp({
  passwords = false,
  encryption = false,
  connections = 500,
} = {}): Promise<ScriptedSmtp> {
  const held = Promise.withResolvers<void>()
  const sockets = new Set<Socket>()
  /** By session: several mails may come in at once. */
  const scripts = new Map<string, Script>()
  const reply = (at: 'mail' | 'rcpt' | 'data', { id }: { id: string }) => {
    const script = scripts.get(id)
    return typeof script === 'object' && 'at' in script && script.at === at ? replyOf(script.reply) : null
  }

  const server = new SMTPServer({
    // The certificate that comes with the library is signed by nobody.
    disabledCommands: [...(passwords ? [] : ['AUTH']), ...(encryption ? [] : ['STARTTLS'])],
    logger: false,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    maxClients: connections,
    hideENHANCEDSTATUSCODES: true,
    closeTimeout: 10,
    onAuth: ({ username }, _session, done) => {
      smtp.passwordsSeen += 1
      if (smtp.refusesPasswords) done(replyOf(`535 5.7.8 ${username}@example.org: credentials invalid`))
      else done(null, { user: username })
    },
    onMailFrom: (_address, session, done) => {
      scripts.set(session.id, smtp.scripts.shift() ?? 'take')
      done(reply('mail', session))
    },
    onRcptTo: ({ address }, session, done) => {
      if (!smtp.isSilentAbout(address)) done(reply('rcpt', session))
    },
    onData: (stream, session, done) => {
      const settle = async () => {
        const script = scripts.get(session.id)
        const mail = await simpleParser(stream)
        smtp.received.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), mail })
        if (script === 'hold') await held.promise
        if (script === 'reset after DATA') return drop()
        done(reply('data', session), typeof script === 'object' && 'accept' in script ? script.accept : 'queued')
        if (script === 'close after 250') setImmediate(drop)
      }
      // Whoever breaks the connection off in the middle of a mail does not wait for an answer.
      settle().catch(() => undefined)
    },
  })
  const drop = () => sockets.forEach((socket) => socket.destroySoon())
  server.server.on('connection', (socket: Socket) => {
    smtp.connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')

  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const smtp: ScriptedSmtp = {
    url: `smtp://${passwords ? 'galaxy:secret@' : ''}127.0.0.1:${port}`,
    received: [],
    scripts: [],
    isSilentAbout: () => false,
    refusesPasswords: false,
    passwordsSeen: 0,
    connections: 0,
    release: held.resolve,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(resolve)),
  }
  return smtp
}

function replyOf(reply: string): Error {
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) })
}
