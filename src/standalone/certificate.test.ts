import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Certificate, createCertificate } from '../platform/certificate/index.ts'
import { silentLog } from '../platform/log.ts'
import { keepCertificate, keepRenewed } from './certificate.ts'

const day = 86_400_000
const start = Date.now()
const after = (days: number) => new Date(start + days * day)

let dir = ''
let path = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-certificate-'))
  path = join(dir, 'kube-api.pem')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('the certificate of the Kubernetes API', () => {
  it.each([
    { what: 'on the same day', days: 0 },
    { what: 'years later', days: 3000 },
    { what: 'with a clock that was set back by an hour', days: -1 / 24 },
  ])('stays the same $what', async ({ days }) => {
    const made = await keepCertificate(path, after(0))
    expect(await keepCertificate(path, after(days))).toEqual(made)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it.each([
    { what: 'when it was made by a clock four months ahead', days: -120 },
    { what: 'a month before it expires', days: 3650 - 29 },
    { what: 'after it has expired', days: 4000 },
  ])('is made anew $what', async ({ days }) => {
    const made = await keepCertificate(path, after(0))
    const renewed = await keepCertificate(path, after(days))
    expect(renewed.certificate).not.toBe(made.certificate)
    expect(await keepCertificate(path, after(days))).toEqual(renewed)
  })

  const own = createCertificate(['localhost'], new Date())
  const other = createCertificate(['localhost'], new Date())
  it.each([
    { what: 'empty', text: '' },
    { what: 'half of it', text: own.certificate },
    { what: 'a certificate with the key of another', text: own.certificate + other.key },
  ])('is refused as damaged where its file is $what, and left as it is', async ({ text }) => {
    await writeFile(path, text)
    await expect(keepCertificate(path, after(0))).rejects.toThrow(/kube-api\.pem is damaged: .*delete it/)
    expect(await readFile(path, 'utf8')).toBe(text)
  })
})

describe('a certificate that comes to its end while it is shown', () => {
  it.each([
    { what: 'months pass', days: 3640 },
    { what: 'the clock is set back', days: -120 },
  ])('is renewed when $what, and a client that reads what is trusted is let in at every moment', async ({ days }) => {
    let now = after(0)
    const first = await keepCertificate(path, now)
    const server = createServer({ cert: first.certificate, key: first.key }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    let trusted = first.certificate
    const trust = async (authorities: string) => {
      trusted = authorities
      // Trusted before it is shown: also in between the one that is shown is trusted.
      expect(await shownTo(port, trusted)).toBe(first.certificate)
    }
    const show = ({ certificate, key }: Certificate) => server.setSecureContext({ cert: certificate, key })
    const clock = { now: () => now }
    await using _kept = keepRenewed({ path, shown: first, trust, show, clock, log: silentLog, everyMs: 5 })
    now = after(days)
    await expect.poll(() => shownTo(port, trusted)).not.toBe(first.certificate)
    expect(await readFile(path, 'utf8')).toContain(await shownTo(port, trusted))
    server.close()
  })
})

/** The certificate that a client sees which trusts these. */
function shownTo(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Dates are compared with the real clock by TLS, and not what is asked here.
    const socket = connect({
      port,
      host: '127.0.0.1',
      ca,
      checkServerIdentity: () => undefined,
      rejectUnauthorized: false,
    })
    socket.once('error', reject).once('secureConnect', () => {
      const pem = socket.getPeerX509Certificate()?.toString() ?? ''
      socket.destroy()
      const isKnown = ca.includes(pem)
      if (isKnown) resolve(pem)
      else reject(new Error('the certificate that is shown is not trusted'))
    })
  })
}
