import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Refusal } from './errors.ts'

/** Demands the service credential as a bearer token; without one configured, nobody has it. */
export function requireServiceToken(token: string | undefined) {
  const expected = token === undefined ? undefined : digest(token)
  return async function authenticate({ headers }: FastifyRequest): Promise<void> {
    const [, given] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
    if (expected && given !== undefined && timingSafeEqual(digest(given), expected)) return
    throw new Refusal('unauthenticated', 'service_credential_required', 'A valid service credential is needed.')
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
