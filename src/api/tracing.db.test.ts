import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { eventually } from '../../test/support/eventually.ts'
import { traceFieldsFromContext } from '../platform/telemetry/index.ts'
import { type SeenSpan, startCollector, treeBelow } from '../platform/telemetry/fixtures.ts'
import { confirmSigningInput } from '../signing/index.ts'
import { startScriptedSmtp } from './mail/testing/smtp.ts'
import { startApi } from './process.ts'
import { serviceToken, someSettings } from './testing.ts'

const email = 'ada.lovelace@example.org'
const clientIp = '203.0.113.77'
/** The gateway's call, as the api sees it. */
const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const headers = {
  'content-type': 'application/json',
  traceparent: `00-${parent.traceId}-${parent.spanId}-01`,
  'x-client-ip': clientIp,
}

/** Signs in at a real api with a real mail server and collector, and returns all that was said and told. */
async function signIn(database: TestDatabase) {
  await using collector = await startCollector()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  await using smtp = await startScriptedSmtp()
  const more = { BACKEND_OTEL_TRACES_EXPORTER: 'otlp', BACKEND_SMTP_URL: smtp.url }
  await using given = await someSettings({ databaseUrl: database.url, more })
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  const log = pino({ level: 'info', mixin: traceFieldsFromContext }, { write })
  const api = await startApi({ settings: given.settings, log, runtimeMetrics: false })
  const post = async (path: string, body: object): Promise<unknown> => {
    const url = `${api.url}/api/v1/public/auth/${path}`
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.status, path).toBe(200)
    return answer.json()
  }
  const { challenge_id } = z.object({ challenge_id: z.string() }).parse(await post('send-email-code', { email }))
  await eventually(() => smtp.received.length === 1)
  const [code = ''] = /[0-9]{6,}/.exec(smtp.received[0]?.mail.text ?? '') ?? []
  const confirmation = proven(challenge_id, code)
  const answer = await post('confirm-email-code', confirmation)
  const { device_session_id } = z.object({ device_session_id: z.string() }).parse(answer)
  await api[Symbol.asyncDispose]()
  const secrets = [email, code, serviceToken, clientIp, device_session_id, confirmation.client_public_key]
  return { spans: collector.spans(), lines, secrets: [...secrets, confirmation.proof] }
}

function proven(challengeId: string, code: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const clientPublicKey = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const codeHash = createHash('sha256').update(code).digest()
  const input = confirmSigningInput({ audience: 'galaxy', challengeId, codeHash, clientPublicKey })
  return {
    challenge_id: challengeId,
    code,
    client_public_key: clientPublicKey.toString('base64'),
    proof: sign(null, input, privateKey).toString('base64'),
  }
}

describe('a sign-in, traced', () => {
  let database: TestDatabase
  let spans: SeenSpan[]
  let lines: Record<string, unknown>[]
  let secrets: string[]
  beforeAll(async () => {
    database = await createTestDatabase()
    const told = await signIn(database)
    spans = told.spans
    lines = told.lines
    secrets = told.secrets
  })
  afterEach(() => {
    vi.unstubAllEnvs()
  })
  afterAll(() => database[Symbol.asyncDispose]())

  it('is a tree from the request over what it is about to each statement, below the gateway’s span (B42)', () => {
    const ours = spans.filter(({ traceId }) => traceId === parent.traceId)
    const statements = { 'postgres INSERT': {}, 'postgres SELECT': {}, 'postgres UPDATE': {} }
    expect(treeBelow(ours, parent.spanId)).toMatchObject({
      'POST /api/v1/public/auth/send-email-code': {
        'auth.send_code': { 'postgres INSERT': {}, 'postgres SELECT': {}, 'postgres DELETE': {} },
      },
      'POST /api/v1/public/auth/confirm-email-code': { 'auth.confirm_code': statements },
    })
  })

  it('has its mail in a trace of its own, with the mail server and what is noted of it', () => {
    const mail = spans.find(({ name }) => name === 'mail.deliver')
    expect(mail).toMatchObject({ service: 'galaxy-api', attributes: { 'galaxy.mail.kind': 'login_code' } })
    expect(treeBelow(spans, mail?.spanId)).toMatchObject({ 'smtp send': {}, 'postgres UPDATE': {} })
  })

  it('names its spans in the lines that it writes (B43)', () => {
    const asked = lines.find(({ msg }) => msg === 'a sign-in code was asked for')
    const operation = spans.find(({ name }) => name === 'auth.send_code')
    expect(asked).toMatchObject({ otel_trace_id: parent.traceId, otel_span_id: operation?.spanId })
    const sent = lines.find(({ msg }) => msg === 'mail sent')
    expect(sent?.['otel_trace_id']).toBe(spans.find(({ name }) => name === 'mail.deliver')?.traceId)
  })

  it('tells statements without their values, and nothing personal or secret anywhere (abuse 47)', () => {
    const texts = JSON.stringify(spans.map(({ attributes }) => attributes['db.query.text']))
    expect(texts).toContain('backend.')
    expect(texts).toContain('$1')
    const told = JSON.stringify(spans.map(({ name, attributes }) => ({ name, attributes })))
    for (const secret of secrets) {
      expect(secret).toMatch(/.{6}/)
      expect(told).not.toContain(secret)
    }
  })
})
