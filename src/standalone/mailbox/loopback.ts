import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../../platform/errors.ts'

/**
 * Refuses whoever has come here under a name of his own: a web page whose name was made to point at this machine could
 * otherwise read the mail (DNS rebinding).
 * @throws Refusal `host_not_allowed`
 */
export async function requireLoopbackHost({ headers }: Pick<FastifyRequest, 'headers'>): Promise<void> {
  const host = URL.parse(`http://${headers.host ?? ''}`)?.hostname ?? ''
  if (host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))) return
  throw new Refusal('forbidden', 'host_not_allowed', 'The mailbox answers under the addresses of this machine only.')
}
