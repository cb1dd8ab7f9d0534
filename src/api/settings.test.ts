import { describe, expect, it } from 'vitest'
import { readApiSettings } from './settings.ts'

const enough = {
  BACKEND_DATABASE_URL: 'postgres://galaxy:db-password@db/galaxy',
  BACKEND_SMTP_URL: 'smtps://galaxy:mail-password@mail',
  BACKEND_SERVICE_TOKEN_FILE: '/run/secrets/token',
  BACKEND_CODE_PEPPER_FILE: '/run/secrets/peppers',
}

describe('the settings of the api', () => {
  it('have defaults for all that can have one', () => {
    expect(readApiSettings(enough)).toMatchObject({
      http: { host: '::', port: 8080 },
      push: { host: '::', port: 8081 },
      metrics: undefined,
      traces: 'otlp',
      metricsExporter: 'otlp',
      docs: true,
      logLevel: 'info',
      database: { url: enough.BACKEND_DATABASE_URL, poolSize: 10 },
      kubeconfig: undefined,
      gameNamespace: 'default',
      audience: 'galaxy',
      mail: { from: 'Galaxy <no-reply@galaxy.localhost>' },
      shutdown: { withinMs: 30_000, httpMs: 10_000, pushMs: 10_000 },
    })
  })

  it('take every audience that a gateway can have', () => {
    const audience = 'g'.repeat(128)
    expect(readApiSettings({ ...enough, BACKEND_AUDIENCE: audience }).audience).toBe(audience)
    expect(() => readApiSettings({ ...enough, BACKEND_AUDIENCE: `${audience}g` })).toThrow('BACKEND_AUDIENCE')
  })

  it('that are missing are told all at once (abuse 86)', () => {
    expect(() => readApiSettings({})).toThrow(
      [
        'setting BACKEND_DATABASE_URL: is needed, an address such as postgres://user:password@host/name',
        'setting BACKEND_SMTP_URL: is needed, an address such as smtp://host:25 or smtps://user:password@host',
        'setting BACKEND_CODE_PEPPER_FILE: is needed: a file with lines such as key1:BASE64 of 32 random bytes',
        'setting BACKEND_SERVICE_TOKEN_FILE: is needed, or BACKEND_SERVICE_TOKEN, and not both',
      ].join('\n'),
    )
  })

  it.each([
    ['BACKEND_HTTP_ADDR', 'here'],
    ['BACKEND_PUSH_ADDR', '8081'],
    ['BACKEND_METRICS_ADDR', ':99999'],
    ['BACKEND_DATABASE_URL', 'mysql://db/galaxy'],
    ['BACKEND_DATABASE_POOL', '0'],
    ['BACKEND_AUDIENCE', 'two words'],
    ['BACKEND_SMTP_URL', 'mail.example.org:25'],
    ['BACKEND_SHUTDOWN_TIMEOUT', 'soon'],
    ['BACKEND_HTTP_SHUTDOWN_TIMEOUT', '-1s'],
    ['BACKEND_GRPC_PUSH_SHUTDOWN_TIMEOUT', '1d'],
    ['BACKEND_LOG_LEVEL', 'loud'],
    ['BACKEND_OTEL_TRACES_EXPORTER', 'console'],
    ['BACKEND_OTEL_METRICS_EXPORTER', 'stdin'],
    ['BACKEND_DOCS', 'yes'],
    ['BACKEND_SERVICE_TOKEN', 'given as well as the file'],
  ])('refuse %s when it is "%s", by its name (abuse 86)', (name, value) => {
    expect(() => readApiSettings({ ...enough, [name]: value })).toThrow(`setting ${name}`)
  })

  it('open no metrics listener when metrics are not wanted (B44)', () => {
    const metrics = { ...enough, BACKEND_METRICS_ADDR: '127.0.0.1:9090' }
    expect(readApiSettings(metrics).metrics).toEqual({ host: '127.0.0.1', port: 9090 })
    expect(readApiSettings({ ...metrics, BACKEND_OTEL_METRICS_EXPORTER: 'none' }).metrics).toBeUndefined()
  })

  it('that hold a password are not repeated when they are wrong (abuse 86)', () => {
    const wrong = { BACKEND_DATABASE_URL: 'mysql://u:topsecret@db', BACKEND_SMTP_URL: 'http://u:topsecret@mail' }
    const refused = () => readApiSettings({ ...enough, ...wrong })
    expect(refused).toThrow('BACKEND_SMTP_URL')
    expect(refused).not.toThrow('topsecret')
  })
})
