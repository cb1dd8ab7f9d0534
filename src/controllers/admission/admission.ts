import { type Clock, sleep } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import { listen } from '../../platform/http.ts'
import type { Log } from '../../platform/log.ts'
import type { ListenAddress } from '../../platform/settings.ts'
import { type Certificate, validityProblem } from '../../platform/certificate/index.ts'
import { type CertificateSource, expiryOf } from './certificates.ts'
import { publishAuthority, type Publishing } from './publish.ts'
import { createAdmissionServer } from './server.ts'

export type AdmissionOptions = {
  address: ListenAddress
  certificates: CertificateSource
  publishing: Publishing
  clock: Clock
  log: Log
  /** How often the certificate and the API server's trust in it are looked at. */
  everyMs?: number
  /** How long a new authority is known before its certificate is shown: the API server hears of it by a watch. */
  settleMs?: number
}

/**
 * The admission webhook. A certificate of our own is trusted by the API server before it is shown, and that trust is
 * looked at again and again: whoever applies the manifests anew may have removed it.
 * @throws StartupError when the address cannot be listened on, or the certificate's files cannot be read
 */
export async function startAdmission(options: AdmissionOptions): Promise<AsyncDisposable & { url: string }> {
  const { address, certificates, clock, log, everyMs = 60_000, settleMs = 5_000 } = options
  let shown = await certificates.current(clock.now())
  const { app, show } = createAdmissionServer(shown, log.child({}, { level: 'warn' }))
  const listener = await listen(app, address, 'setting CONTROLLER_WEBHOOK_ADDR')
  const stopping = new AbortController()
  let troubled = false

  async function keepTrusted(): Promise<void> {
    const wanted = await certificates.current(clock.now())
    if (certificates.ours && !(await publishAuthority(options.publishing, wanted.certificate))) {
      throw new Error(`there is no ValidatingWebhookConfiguration ${options.publishing.name}`)
    }
    if (wanted.certificate !== shown.certificate) await showNext(wanted)
    const problem = validityProblem(shown.certificate, clock.now())
    if (problem !== undefined) throw new Error(`the certificate ${problem}: renew it, or set the clock`)
  }

  async function showNext(wanted: Certificate): Promise<void> {
    if (certificates.ours) await sleep(settleMs, stopping.signal)
    show(wanted)
    shown = wanted
    log.info({ validUntil: expiryOf(wanted) }, 'the admission webhook shows a new certificate')
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const problem = await keepTrusted().then(() => undefined, messageOf)
      if (problem !== undefined && !troubled) log.warn({ problem }, 'the admission webhook is not trusted yet')
      troubled = problem !== undefined
      await sleep(troubled ? Math.min(everyMs, 5_000) : everyMs, stopping.signal)
    }
  }

  const running = run()
  return {
    url: listener.url.replace(/^http:/, 'https:'),
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await running
      await listener[Symbol.asyncDispose]()
    },
  }
}
