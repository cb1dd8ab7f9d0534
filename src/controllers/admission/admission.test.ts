import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createCertificate } from '../../platform/certificate/index.ts'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'
import { silentLog } from '../../platform/log.ts'
import { startAdmission } from './admission.ts'
import { readBundle } from './authorities.ts'
import { certificatesFromFiles, ownCertificates } from './certificates.ts'
import { WebhookConfiguration } from './webhook-configuration.ts'

const anyPort = { host: '127.0.0.1', port: 0 }
const day = 86_400_000

/** The API server's configuration of our webhook, which others may change meanwhile. */
function configuration() {
  let version = 1
  let conflicts = 0
  const read = () =>
    WebhookConfiguration.parse({
      metadata: {
        name: 'galaxy',
        uid: 'u',
        resourceVersion: String(version),
        creationTimestamp: '2026-03-01T12:00:00Z',
      },
      webhooks: state.webhooks,
    })
  const state = {
    webhooks: [{ name: 'games.galaxy.dev', clientConfig: {}, sideEffects: 'None' }] as object[],
    /** The next writes meet somebody who was quicker. */
    conflict: (times: number) => (conflicts = times),
    trusted: () => readBundle(read().webhooks[0]?.clientConfig.caBundle),
    configurations: {
      get: async () => read(),
      replace: async (wanted: WebhookConfiguration) => {
        if (conflicts-- > 0) version += 1
        if (wanted.metadata.resourceVersion !== String(version)) throw new KubernetesError(409, 'Conflict', 'changed')
        version += 1
        state.webhooks = wanted.webhooks
        return read()
      },
    },
  }
  return state
}

async function started(state = configuration()) {
  let nowMs = Date.now()
  const clock = { now: () => new Date(nowMs) }
  const publishing = { configurations: state.configurations, name: 'galaxy', now: clock.now }
  const certificates = ownCertificates(['127.0.0.1'])
  const timing = { everyMs: 10, settleMs: 1 }
  const webhook = await startAdmission({ address: anyPort, certificates, publishing, clock, log: silentLog, ...timing })
  onTestFinished(() => webhook[Symbol.asyncDispose]())
  return { state, url: webhook.url, pass: (ms: number) => (nowMs += ms) }
}

/** Asks as the API server does: trusting what the configuration says, and nothing else. */
async function ask(url: string, authorities: readonly string[], body: unknown): Promise<unknown> {
  const sent = request(`${url}/validate`, {
    method: 'POST',
    ca: [...authorities],
    agent: false,
    headers: { 'content-type': 'application/json' },
  })
  const answer = new Promise<unknown>((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => void text(response).then(JSON.parse).then(resolve, reject))
  })
  sent.end(JSON.stringify(body))
  return answer
}

const reviewOf = (request: object) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: 'r1', kind: { group: 'galaxy.dev', version: 'v1', kind: 'Game' }, operation: 'CREATE', ...request },
})
const players = [{ userId: 'ada', raceName: 'Terrans' }]
const game = (spec: object) => ({
  metadata: { name: 'duel' },
  spec: { engine: { version: '~1.0' }, players, ...spec },
})

describe('the admission webhook', () => {
  it('is trusted by the API server through the authority that it publishes', async () => {
    const { state, url } = await started()
    await expect.poll(state.trusted).toHaveLength(1)
    const answer = await ask(url, state.trusted(), reviewOf({ object: game({}) }))
    expect(answer).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'r1', allowed: true },
    })
    await expect(ask(url, [createCertificate(['127.0.0.1'], new Date()).certificate], {})).rejects.toThrow(
      /certificate/,
    )
  })

  it('refuses a bad Game, naming each field and saying why', async () => {
    const { state, url } = await started()
    await expect.poll(state.trusted).toHaveLength(1)
    const object = game({ turns: { schedule: 'every day', timeZone: 'Mars/Olympus' } })
    expect(await ask(url, state.trusted(), reviewOf({ object }))).toMatchObject({
      response: {
        allowed: false,
        status: {
          code: 422,
          reason: 'Invalid',
          message: expect.stringContaining(
            'spec.turns.schedule: Invalid value: "every day": must be a cron expression',
          ),
          details: {
            name: 'duel',
            kind: 'Game',
            causes: expect.arrayContaining([
              expect.objectContaining({ field: 'spec.turns.schedule' }),
              expect.objectContaining({ field: 'spec.turns.timeZone' }),
            ]),
          },
        },
      },
    })
  })

  it('warns of what is allowed but should be known', async () => {
    const { state, url } = await started()
    await expect.poll(state.trusted).toHaveLength(1)
    const object = game({ engine: { image: 'engine:latest' } })
    expect(await ask(url, state.trusted(), reviewOf({ object }))).toMatchObject({
      response: { allowed: true, warnings: [expect.stringMatching(/^spec\.engine\.image: /)] },
    })
  })

  it('does not stand in the way of an object that was let in before, as long as its spec stays', async () => {
    const { state, url } = await started()
    await expect.poll(state.trusted).toHaveLength(1)
    const object = game({ turns: { schedule: 'every day' } })
    const update = { operation: 'UPDATE', object: { ...object, metadata: { finalizers: [] } }, oldObject: object }
    expect(await ask(url, state.trusted(), reviewOf(update))).toMatchObject({ response: { allowed: true } })
  })

  it.each([{ nonsense: true }, { apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview' }])(
    'answers 400 to %j',
    async (body) => {
      const { state, url } = await started()
      await expect.poll(state.trusted).toHaveLength(1)
      expect(await ask(url, state.trusted(), body)).toMatchObject({ status: 400, code: 'invalid_input' })
    },
  )
})

describe('the files of a certificate', () => {
  const [own, other] = [0, 0].map(() => createCertificate(['127.0.0.1'], new Date()))

  async function written(certificate = '', key = '') {
    const dir = await mkdtemp(join(tmpdir(), 'galaxy-webhook-'))
    onTestFinished(() => rm(dir, { recursive: true, force: true }))
    const files = { certFile: join(dir, 'tls.crt'), keyFile: join(dir, 'tls.key') }
    await writeFile(files.certFile, certificate)
    await writeFile(files.keyFile, key)
    return files
  }

  it.each([
    { what: 'a key of another certificate', certificate: own?.certificate, key: other?.key },
    { what: 'an empty certificate', certificate: '', key: own?.key },
    { what: 'an empty key', certificate: own?.certificate, key: '' },
    { what: 'no PEM', certificate: 'x', key: 'y' },
  ])('are refused with $what, naming the setting', async ({ certificate, key }) => {
    const source = certificatesFromFiles(await written(certificate, key))
    await expect(source.current(new Date())).rejects.toThrow(/^setting CONTROLLER_WEBHOOK_KEY_FILE: /)
  })

  it('are read whole again after they were renewed one by one', async () => {
    const files = await written(own?.certificate, own?.key)
    const source = certificatesFromFiles(files)
    await writeFile(files.certFile, other?.certificate ?? '')
    await expect(source.current(new Date())).rejects.toThrow('is not the key')
    await writeFile(files.keyFile, other?.key ?? '')
    expect(await source.current(new Date())).toEqual(other)
  })
})

describe('the authority of the webhook', () => {
  it('is made anew when the clock is set back before it', async () => {
    const { state, url, pass } = await started()
    await expect.poll(state.trusted).toHaveLength(1)
    pass(-120 * day)
    await expect.poll(state.trusted).toHaveLength(2)
    const second = state.trusted()[1] ?? ''
    await expect.poll(() => shownAt(url)).toBe(new X509Certificate(second).fingerprint256)
  })

  it('stands beside those of other replicas, however many publish at once', async () => {
    const state = configuration()
    state.conflict(2)
    const [one, other] = await Promise.all([started(state), started(state)])
    await expect.poll(state.trusted).toHaveLength(2)
    for (const { url } of [one, other]) {
      expect(await ask(url, state.trusted(), reviewOf({ object: game({}) }))).toMatchObject({
        response: { allowed: true },
      })
    }
  })

  it('is published again when somebody has removed it', async () => {
    const { state } = await started()
    await expect.poll(state.trusted).toHaveLength(1)
    state.webhooks = [{ name: 'games.galaxy.dev', clientConfig: {} }]
    await expect.poll(state.trusted).toHaveLength(1)
  })

  it('leaves everything else of the configuration as it is', async () => {
    const { state } = await started()
    await expect.poll(state.trusted).toHaveLength(1)
    expect(state.webhooks).toMatchObject([{ name: 'games.galaxy.dev', sideEffects: 'None' }])
  })

  it('is renewed before it expires: first trusted, then shown; the old one goes when it has expired', async () => {
    const { state, url, pass } = await started()
    await expect.poll(state.trusted).toHaveLength(1)
    const first = state.trusted()[0] ?? ''
    pass(5 * day)
    await expect.poll(state.trusted).toHaveLength(2)
    const second = state.trusted()[1] ?? ''
    await expect.poll(() => shownAt(url)).toBe(new X509Certificate(second).fingerprint256)
    pass(5 * day)
    await expect.poll(() => state.trusted().length === 2 && !state.trusted().includes(first)).toBe(true)
  })
})

/** The fingerprint of the certificate that is shown now. */
function shownAt(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    }).on('error', reject)
  })
}
