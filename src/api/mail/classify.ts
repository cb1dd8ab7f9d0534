import type { Outcome, Verdict } from './model.ts'

/** What is known of a send that failed: the fields nodemailer puts on its errors. */
export type SmtpFailure = {
  message: string
  code?: string | undefined
  /** The error below, when `code` only tells where it was: ECONNREFUSED of an ESOCKET. */
  originalCode?: string | undefined
  /** The command that was answered. */
  command?: string | undefined
  responseCode?: number | undefined
  response?: string | undefined
}

/** What the account, the encryption or the configuration has to do with, whichever mail it is. */
const accountCodes = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ETLS', 'EREQUIRETLS', 'ECONFIG', 'EPROXY'])
/** "Authentication required" and its kin (RFC 4954), in answer to whichever command. */
const accountResponses = new Set([530, 534, 535, 538])
/** How Node.js and OpenSSL name certificates and handshakes they do not accept. */
const tlsCode = /^(ERR_TLS|ERR_SSL|EPROTO$|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA)/
const aboutTheMail = new Set(['RCPT TO', 'DATA'])
/** The mailbox, its domain or its syntax; 5.1.7 and 5.1.8 are about the sender's address (RFC 3463). */
const noSuchAddress = /^5\d\d[ -]5\.(1\.(?![78]\b)\d{1,3}|2\.1)\b/

/** Pure: what a failed send means for the mail, and for all others. */
export function classify(failure: SmtpFailure): Outcome {
  const { message, response, responseCode } = failure
  return { verdict: verdictOn(failure), responseCode, detail: response ?? message }
}

function verdictOn({ code = '', originalCode = '', command = '', responseCode, response = '' }: SmtpFailure): Verdict {
  if (accountCodes.has(code) || tlsCode.test(originalCode)) return 'pause'
  if (responseCode === undefined) return response === '' && refusedHere(code) ? 'dead' : 'retry'
  if (accountResponses.has(responseCode)) return 'pause'
  // Instead of a greeting: it has as many connections as it allows us.
  if (responseCode === 421 && command === 'CONN') return 'busy'
  // 503 says that the session went astray, not that the mail is refused.
  if (responseCode < 500 || responseCode === 503) return 'retry'
  // Refused before the recipient was named: so would be every other mail.
  if (!aboutTheMail.has(command)) return 'pause'
  return noSuchAddress.test(response) ? 'suppress' : 'dead'
}

/** Without any answer: nodemailer itself would not send it, and never will. An answer without a code is nonsense. */
function refusedHere(code: string): boolean {
  return code === 'EENVELOPE' || code === 'EMESSAGE' || code === 'EFILEACCESS' || code === 'EURLACCESS'
}
