import type { IncomingHttpHeaders } from 'node:http'

/** By these the platform's own processes tell each other who asks; nobody outside has a say in it. */
const ours: ReadonlySet<string> = new Set([
  'x-user-id',
  'x-device-session-id',
  'x-client-ip',
  'x-real-ip',
  'x-forwarded-user',
  'x-remote-user',
  'forwarded',
])

/**
 * Deletes what looks like an identity from a client's headers. `_` counts as `-`, because some servers take one for the
 * other. `X-Forwarded-For` stays: it is read through the trusted proxies only.
 */
export function stripIdentityHeaders(headers: IncomingHttpHeaders): void {
  for (const name of Object.keys(headers)) {
    if (ours.has(name.toLowerCase().replaceAll('_', '-'))) delete headers[name]
  }
}
