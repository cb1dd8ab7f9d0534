import { createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/** A secret that codes are hashed with. It is not in the database, where all 10^8 codes would soon be tried. */
export type Pepper = { kid: string; key: Uint8Array }

/** The code of a challenge, as it is kept. */
export type CodeMac = { kid: string; mac: Uint8Array }

const pepperForm = /^(?<kid>[A-Za-z0-9_-]{1,32}):(?<key>[A-Za-z0-9+/]+={0,2})$/
const minKeyBytes = 32

/**
 * The setting: `kid:base64`, more of them after commas. The first one is used for new codes, the others are for codes that
 * are still on their way. What it says is never repeated in an error.
 */
export const peppers = z.string().transform((text, context): [Pepper, ...Pepper[]] => {
  const [first, ...others] = text.split(',').map((each) => parsePepper(each.trim()))
  const all = first && [first, ...others.filter((pepper) => pepper !== undefined)]
  if (!all || all.length !== others.length + 1) {
    context.addIssue(`must be kid:base64 with at least ${minKeyBytes} bytes, more of them after commas`)
    return z.NEVER
  }
  if (new Set(all.map(({ kid }) => kid)).size !== all.length) {
    context.addIssue('must not have a kid twice')
    return z.NEVER
  }
  return [first, ...all.slice(1)]
})

function parsePepper(text: string): Pepper | undefined {
  const { kid, key: encoded } = pepperForm.exec(text)?.groups ?? {}
  if (kid === undefined || encoded === undefined) return undefined
  const key = Buffer.from(encoded, 'base64')
  return key.length >= minKeyBytes ? { kid, key } : undefined
}

/** Eight digits from a CSPRNG. */
export function randomCode(): string {
  return String(randomInt(100_000_000)).padStart(8, '0')
}

/** A code as it was typed, without the ASCII whitespace around it; other digits than ASCII's stay wrong. */
export function trimCode(typed: string): string {
  return typed.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '')
}

/** Hashes codes and compares them, in the same time whatever they are. */
export function createCodes([active, ...others]: readonly [Pepper, ...Pepper[]]) {
  const byKid = new Map([active, ...others].map((pepper) => [pepper.kid, pepper]))
  return { hash, unguessable, matches, hashAddress }

  function hash(challengeId: string, code: string): CodeMac {
    return { kid: active.kid, mac: hmac(active, challengeId + code) }
  }

  /** In place of a hash, for a code that is not mailed: no code leads to it, and nothing tells it from a hash. */
  function unguessable(): CodeMac {
    return { kid: active.kid, mac: randomBytes(32) }
  }

  /** Also without a challenge, and for one of a pepper that is gone, the work is done: time tells nothing. */
  function matches(challengeId: string, code: string, kept: CodeMac | undefined): boolean {
    const { kid, mac } = kept ?? unguessable()
    const pepper = byKid.get(kid)
    const same = timingSafeEqual(hmac(pepper ?? active, challengeId + code), mac)
    return same && pepper !== undefined && kept !== undefined
  }

  /** Tells requesters apart without keeping who they are. */
  function hashAddress(address: string): Uint8Array {
    return hmac(active, `address ${address}`)
  }
}

export type Codes = ReturnType<typeof createCodes>

function hmac({ key }: Pepper, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
