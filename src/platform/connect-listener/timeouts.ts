import type { IncomingHttpHeaders } from 'node:http'

const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 0.001, n: 0.000_001 }

/**
 * Lowers a timeout above `maxTimeoutMs` to one that is barely above it. connect-es refuses both, but starts a timer of
 * that length before: Node.js warns of timers over 2^31 ms, and fires them at once.
 */
export function capTimeout(headers: IncomingHttpHeaders, maxTimeoutMs: number): void {
  const barelyAbove = Math.floor(maxTimeoutMs / 1000) + 1
  const connect = headers['connect-timeout-ms']
  if (typeof connect === 'string' && Number(connect) > maxTimeoutMs && /^\d{1,10}$/.test(connect)) {
    headers['connect-timeout-ms'] = String(barelyAbove * 1000)
  }
  const [, amount, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(headers['grpc-timeout'])) ?? []
  if (Number(amount) * (unitMs[unit] ?? 0) > maxTimeoutMs) headers['grpc-timeout'] = `${barelyAbove}S`
}
