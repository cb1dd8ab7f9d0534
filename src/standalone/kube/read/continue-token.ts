import { z } from 'zod'
import { badRequest } from '../api-error.ts'

/** Where an interrupted list goes on: after `after`, in the state of `version`. */
export type ContinueToken = { version: number; after: string }

const Token = z.strictObject({ v: z.literal('galaxy/v1'), rv: z.int().min(0), after: z.string() })

export function writeContinueToken({ version, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'galaxy/v1', rv: version, after })).toString('base64url')
}

/** @throws ApiError 400 for a token that this server did not write */
export function readContinueToken(text: string): ContinueToken {
  const parsed = Token.safeParse(jsonOf(Buffer.from(text, 'base64url').toString('utf8')))
  if (!parsed.success) throw badRequest('continue key is not valid')
  return { version: parsed.data.rv, after: parsed.data.after }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
