import { describe, expect, it } from 'vitest'
import { readEdgeSettings } from './settings.ts'

const least = {
  GATEWAY_REDIS_URL: 'redis://redis:6379',
  GATEWAY_BACKEND_HTTP_URL: 'http://backend:8080',
  GATEWAY_BACKEND_PUSH_URL: 'http://backend:8081',
  GATEWAY_BACKEND_SERVICE_TOKEN_FILE: '/run/token',
  GATEWAY_RESPONSE_SIGNER_KEY_FILE: '/run/signer.pem',
}

describe('the settings of the edge', () => {
  it('have defaults for all but the backend, Redis and the signer', () => {
    expect(readEdgeSettings(least)).toMatchObject({
      publicHttp: { host: '::', port: 8070 },
      auth: { host: '::', port: 8071 },
      admin: undefined,
      audience: 'galaxy',
      freshnessWindowMs: 60_000,
      corsOrigins: [],
      shutdownTimeoutMs: 30_000,
      signer: { retiredKeyFiles: [] },
      logLevel: 'info',
      traces: 'otlp',
      metricsExporter: 'otlp',
    })
  })

  it('open no admin listener when metrics are not wanted', () => {
    const admin = { ...least, GATEWAY_ADMIN_HTTP_ADDR: '127.0.0.1:9090' }
    expect(readEdgeSettings(admin).admin).toEqual({ host: '127.0.0.1', port: 9090 })
    expect(readEdgeSettings({ ...admin, GATEWAY_OTEL_METRICS_EXPORTER: 'none' }).admin).toBeUndefined()
  })

  it('take lists separated by commas', () => {
    const settings = readEdgeSettings({
      ...least,
      GATEWAY_CORS_ALLOWED_ORIGINS: 'https://play.example.org, http://localhost:3000',
      GATEWAY_RESPONSE_SIGNER_RETIRED_KEY_FILES: 'a.pem,b.pem',
      GATEWAY_TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8, 192.0.2.7',
    })
    expect(settings.corsOrigins).toEqual(['https://play.example.org', 'http://localhost:3000'])
    expect(settings.signer.retiredKeyFiles).toEqual(['a.pem', 'b.pem'])
    expect(settings.trustedProxies.check('10.1.2.3')).toBe(true)
    expect(settings.trustedProxies.check('fd00::1', 'ipv6')).toBe(true)
    expect(settings.trustedProxies.check('192.0.2.8')).toBe(false)
  })

  it('need no Redis with one process that keeps reservations in memory', () => {
    const { GATEWAY_REDIS_URL: _none, ...rest } = least
    const memory = { ...rest, GATEWAY_REPLAY_STORE: 'memory', GATEWAY_ALLOW_MEMORY_REPLAY: 'true' }
    expect(readEdgeSettings(memory).redisUrl).toBeUndefined()
  })

  it.each([
    { name: 'GATEWAY_PUBLIC_HTTP_ADDR', value: '8070' },
    { name: 'GATEWAY_AUTH_ADDR', value: ':99999' },
    { name: 'GATEWAY_ADMIN_HTTP_ADDR', value: 'x' },
    { name: 'GATEWAY_REDIS_URL', value: 'http://redis' },
    { name: 'GATEWAY_REDIS_URL', value: '' },
    { name: 'GATEWAY_BACKEND_HTTP_URL', value: 'backend:8080' },
    { name: 'GATEWAY_BACKEND_PUSH_URL', value: '' },
    { name: 'GATEWAY_BACKEND_SERVICE_TOKEN_FILE', value: '' },
    { name: 'GATEWAY_BACKEND_SERVICE_TOKEN', value: 'beside the file' },
    { name: 'GATEWAY_BACKEND_TIMEOUT', value: '10' },
    { name: 'GATEWAY_RESPONSE_SIGNER_KEY_FILE', value: '' },
    { name: 'GATEWAY_AUDIENCE', value: 'two words' },
    { name: 'GATEWAY_FRESHNESS_WINDOW', value: '9s' },
    { name: 'GATEWAY_FRESHNESS_WINDOW', value: '301s' },
    { name: 'GATEWAY_TRUSTED_PROXIES', value: '10.0.0.0/33' },
    { name: 'GATEWAY_TRUSTED_PROXIES', value: 'proxy.example.org' },
    { name: 'GATEWAY_CORS_ALLOWED_ORIGINS', value: 'https://play.example.org/' },
    { name: 'GATEWAY_CORS_ALLOWED_ORIGINS', value: 'null' },
    { name: 'GATEWAY_REPLAY_STORE', value: 'postgres' },
    { name: 'GATEWAY_ALLOW_MEMORY_REPLAY', value: 'yes' },
    { name: 'GATEWAY_SHUTDOWN_TIMEOUT', value: '0s' },
    { name: 'GATEWAY_LOG_LEVEL', value: 'loud' },
  ])('are refused when $name is "$value", naming it (abuse 86)', ({ name, value }) => {
    const problems = problemsOf({ ...least, [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(`setting ${name}: `)
  })

  it.each([
    { has: 'GATEWAY_TLS_CERT_FILE', lacks: 'GATEWAY_TLS_KEY_FILE' },
    { has: 'GATEWAY_TLS_KEY_FILE', lacks: 'GATEWAY_TLS_CERT_FILE' },
  ])('are refused with $has but not $lacks', ({ has, lacks }) => {
    expect(problemsOf({ ...least, [has]: 'x.pem' })).toEqual([`setting ${lacks}: is needed with ${has}`])
  })

  it('are refused when several gateways could keep reservations in memories of their own', () => {
    expect(problemsOf({ ...least, GATEWAY_REPLAY_STORE: 'memory' })).toEqual([
      expect.stringMatching(/^setting GATEWAY_ALLOW_MEMORY_REPLAY: must be true .* one edge process only$/),
    ])
  })

  it('are refused for all that is wrong with them at once, and without a secret (abuse 86)', () => {
    const problems = problemsOf({
      GATEWAY_REDIS_URL: 'rediss//:s3cret@redis',
      GATEWAY_BACKEND_HTTP_URL: 'ftp://user:s3cret@backend',
      GATEWAY_BACKEND_SERVICE_TOKEN: 's3cret',
      GATEWAY_BACKEND_SERVICE_TOKEN_FILE: '/run/token',
      GATEWAY_FRESHNESS_WINDOW: '1h',
      GATEWAY_TLS_KEY_FILE: 'key.pem',
    })
    expect(new Set(problems.map((line) => /^setting (\w+): /.exec(line)?.[1]))).toEqual(
      new Set([
        'GATEWAY_BACKEND_HTTP_URL',
        'GATEWAY_BACKEND_PUSH_URL',
        'GATEWAY_BACKEND_SERVICE_TOKEN',
        'GATEWAY_FRESHNESS_WINDOW',
        'GATEWAY_REDIS_URL',
        'GATEWAY_RESPONSE_SIGNER_KEY_FILE',
        'GATEWAY_TLS_CERT_FILE',
      ]),
    )
    expect(problems.join('\n')).not.toContain('s3cret')
  })
})

function problemsOf(environment: Record<string, string>): string[] {
  try {
    readEdgeSettings(environment)
  } catch (error) {
    expect(error).toMatchObject({ name: 'StartupError' })
    return (error as Error).message.split('\n')
  }
  return []
}
