import { readFile } from 'node:fs/promises'
import { type Clock, sleep } from '../platform/clock.ts'
import { messageOf, StartupError, systemErrorCode } from '../platform/errors.ts'
import { writeFileAtomically } from '../platform/files.ts'
import type { Log } from '../platform/log.ts'
import {
  type Certificate,
  createCertificate,
  isPair,
  validityProblem,
  validUntil,
} from '../platform/certificate/index.ts'

const hosts = ['127.0.0.1', '::1', 'localhost']
const renewBeforeMs = 30 * 86_400_000

/**
 * The certificate that the Kubernetes API shows, kept so that copies of a kubeconfig stay good. Another one is made
 * shortly before it expires, and when the clock stands before its first day: it was made by a clock that went ahead.
 * @throws StartupError when it is there but cannot be read
 */
export async function keepCertificate(path: string, now: Date): Promise<Certificate> {
  const kept = await readCertificate(path)
  if (kept && renewalReason(kept, now) === undefined) return kept
  const made = createCertificate(hosts, now)
  await writeCertificate(path, made)
  return made
}

/**
 * Why the certificate is to be made anew; undefined while it is good for some time to come.
 */
export function renewalReason({ certificate }: Certificate, now: Date): string | undefined {
  const problem = validityProblem(certificate, now)
  if (problem !== undefined) return problem
  const until = validUntil(certificate)
  return until.getTime() - now.getTime() > renewBeforeMs ? undefined : `expires at ${until.toISOString()}`
}

export type Renewal = {
  path: string
  shown: Certificate
  /** Makes clients trust these certificates (PEM), before a new one is shown. */
  trust: (authorities: string) => Promise<void>
  show: (certificate: Certificate) => void
  clock: Clock
  log: Log
  everyMs?: number
}

/**
 * Looks again and again whether the certificate is still good, and renews it while everything runs. The old and the new
 * one are trusted together before the new one is shown, so no client meets one that its kubeconfig does not name.
 */
export function keepRenewed({ path, trust, show, clock, log, everyMs = 60_000, ...first }: Renewal): AsyncDisposable {
  const stopping = new AbortController()
  let shown = first.shown
  let troubled = false

  async function renewWhenDue(): Promise<void> {
    const reason = renewalReason(shown, clock.now())
    if (reason === undefined) return
    const made = createCertificate(hosts, clock.now())
    await trust(made.certificate + shown.certificate)
    await writeCertificate(path, made)
    show(made)
    shown = made
    log.warn(`the certificate of the Kubernetes API ${reason}: a new one is shown, copies of the kubeconfig are stale`)
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const problem = await renewWhenDue().then(() => undefined, messageOf)
      if (problem !== undefined && !troubled) log.error(`the certificate ${path} cannot be renewed: ${problem}`)
      troubled = problem !== undefined
      await sleep(everyMs, stopping.signal)
    }
  }

  const running = run()
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await running
    },
  }
}

function writeCertificate(path: string, { certificate, key }: Certificate): Promise<void> {
  return writeFileAtomically(path, `${certificate}${key}`, { mode: 0o600 })
}

/**
 * The certificate with its key; undefined when there is none.
 * @throws StartupError when it cannot be read, or is damaged
 */
export async function readCertificate(path: string): Promise<Certificate | undefined> {
  let text
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw new StartupError(`${path} cannot be read (${messageOf(error)}): make it readable for this account`, {
      cause: error,
    })
  }
  try {
    const [certificate = '', key = ''] = text.match(/-----BEGIN [^]+?-----END [A-Z ]+-----\n/g) ?? []
    if (isPair({ certificate, key })) return { certificate, key }
  } catch {
    // Said below.
  }
  throw new StartupError(`the certificate ${path} is damaged: restore it from a backup, or delete it to have one made`)
}
