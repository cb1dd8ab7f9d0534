import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Refusal } from './errors.ts'

/** Demands the service credential as a bearer token; without one configured, nobody has it. */
export function requireServiceToken(token: string | undefined) {
  const isGiven = isServiceToken(token)
  return async function authenticate({ headers }: FastifyRequest): Promise<void> {
    if (!isGiven(headers.authorization)) throw noServiceToken()
  }
}

/** Tells whether an `Authorization` header carries the expected token, in constant time. */
export function isServiceToken(expected: string | undefined): (authorization: string | null | undefined) => boolean {
  const wanted = expected === undefined ? undefined : digest(expected)
  return (authorization) => {
    const [, given] = /^Bearer (.+)$/.exec(authorization ?? '') ?? []
    return wanted !== undefined && given !== undefined && timingSafeEqual(digest(given), wanted)
  }
}

export function noServiceToken(): Refusal {
  return new Refusal('unauthenticated', 'service_credential_required', 'A valid service credential is needed.')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
