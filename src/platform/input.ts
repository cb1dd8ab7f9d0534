import { z } from 'zod'
import { Refusal } from './errors.ts'
import { asNumbers } from './json.ts'

/**
 * Reads what a caller sent. Only here does a failed parse become the caller's fault; a ZodError from anywhere else is
 * ours.
 * @throws Refusal `invalid_input` naming every wrong field
 */
export function readInput<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const exact = schema.safeParse(value)
  if (exact.success) return exact.data
  // A number with more digits than the field can have is refused as the number it is, not as the text it is kept as.
  const parsed = schema.safeParse(asNumbers(value))
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map(({ path, message }) => ({ field: fieldPath(path), message }))
  const said = errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ')
  throw new Refusal('invalid', 'invalid_input', said, { cause: parsed.error, details: { errors } })
}

/** `spec.players[1].raceName`: a path as the Kubernetes API writes it. */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((said, key) => {
    if (typeof key === 'number') return `${said}[${key}]`
    return said ? `${said}.${String(key)}` : String(key)
  }, '')
}
