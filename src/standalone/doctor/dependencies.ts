import { messageOf } from '../../platform/errors.ts'
import type { Environment } from '../../platform/settings.ts'
import { runningOn } from '../data-dir.ts'
import { readEndpoints } from '../endpoints.ts'
import type { Layout } from '../layout.ts'
import { type Check, checkThat } from './finding.ts'

const deadlineMs = 5000

/** What the settings name beyond this process: asked for real, each within five seconds. */
export function dependencyChecks(environment: Environment): Check[] {
  const { BACKEND_DATABASE_URL, BACKEND_SMTP_URL, GATEWAY_REDIS_URL } = environment
  return [
    ...(BACKEND_DATABASE_URL ? [checkThat('database', () => askDatabase(BACKEND_DATABASE_URL))] : []),
    ...(BACKEND_SMTP_URL ? [checkThat('SMTP', () => askSmtp(BACKEND_SMTP_URL))] : []),
    ...(GATEWAY_REDIS_URL ? [checkThat('Redis', () => askRedis(GATEWAY_REDIS_URL))] : []),
  ]
}

/** Whether the parts of what runs on the data directory are ready. */
export function readinessCheck(layout: Layout): Check {
  return async () => {
    const endpoints = (await runningOn(layout)) === undefined ? undefined : await readEndpoints(layout)
    const probes = [
      { what: 'api', url: endpoints?.api },
      { what: 'controller', url: endpoints?.controller },
      { what: 'edge', url: endpoints?.edgePublic },
    ]
    const checks = probes.flatMap(({ what, url }) => (url ? [checkThat(what, () => askReadiness(url))] : []))
    return (await Promise.all(checks.map(async (check) => check()))).flat()
  }
}

async function askReadiness(url: string): Promise<string> {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(deadlineMs) })
  if (response.ok) return `${url} is ready`
  throw new Error(`${url} answers ${response.status} ${await response.text()}`)
}

async function askDatabase(url: string): Promise<string> {
  const { Client } = (await import('pg')).default
  const client = new Client({ connectionString: url, connectionTimeoutMillis: deadlineMs, query_timeout: deadlineMs })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT 1')
    return `${shown(url)} answers`
  } catch (cause) {
    throw new Error(`BACKEND_DATABASE_URL: ${shown(url)}: ${reasonOf(cause)}`, { cause })
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function askSmtp(url: string): Promise<string> {
  const { createSmtpTransport } = await import('../../api/mail/index.ts')
  const transport = createSmtpTransport({ url, from: 'doctor@localhost', deadlineMs })
  try {
    await transport.verify()
    return `${shown(url)} takes mail`
  } catch (cause) {
    throw new Error(`BACKEND_SMTP_URL: ${shown(url)}: ${reasonOf(cause)}`, { cause })
  } finally {
    transport.close()
  }
}

async function askRedis(url: string): Promise<string> {
  const [{ connectReplayStore }, { silentLog }] = await Promise.all([
    import('../../edge/envelope/index.ts'),
    import('../../platform/log.ts'),
  ])
  await using _store = await connectReplayStore({ url, log: silentLog })
  return `${shown(url)} takes reservations`
}

/** Without the password. */
function shown(url: string): string {
  const parsed = URL.parse(url)
  return parsed ? `${parsed.protocol}//${parsed.host}${parsed.pathname}` : 'what is no URL'
}

/** A refused connection to several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error)
}
