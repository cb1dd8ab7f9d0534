import type { z } from 'zod'
import { Refusal } from '../../platform/errors.ts'
import { parseExactJson } from '../../platform/exact-json.ts'
import { readInput } from '../../platform/input.ts'

/** JSON that is nested without end is read without complaint, and overflows the stack when it is written again. */
const maxLevels = 64
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a command's payload by its schema in the catalogue.
 * @throws Refusal `invalid_input` naming every wrong field
 */
export function readPayload(schema: z.ZodObject, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value = parseJson(bytes)
  if (isDeeper(value, maxLevels)) {
    throw new Refusal('invalid', 'invalid_input', `The payload is nested deeper than ${maxLevels} levels.`)
  }
  return readInput(schema, value)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return parseExactJson(utf8.decode(bytes))
  } catch (cause) {
    throw new Refusal('invalid', 'invalid_input', 'The payload is no JSON in UTF-8.', { cause })
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}
