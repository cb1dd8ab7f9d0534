import { isObject, isRawNumber } from '../../../platform/json.ts'
import { type Cause, invalid, tooLong, tooMany, typeInvalid } from './causes.ts'
import type { Bounds, Schema } from './compile.ts'

/** Lengths, sizes, ranges and patterns, each for the values it speaks of. */
export function boundCauses({ bounds, pattern }: Schema, value: unknown, path: string): Cause[] {
  if (typeof value === 'number') return rangeCauses(bounds, value, path)
  // What JavaScript rounds is so far from every bound of ours that it makes no difference.
  if (isRawNumber(value)) return rangeCauses(bounds, Number(value.rawJSON), path)
  if (typeof value === 'string') return textCauses(bounds, pattern, value, path)
  if (Array.isArray(value))
    return sizeCauses({ min: bounds.minItems, max: bounds.maxItems, what: 'items' }, value, path)
  if (!isObject(value)) return []
  const { minProperties: min, maxProperties: max } = bounds
  return sizeCauses({ min, max, what: 'properties' }, Object.keys(value), path)
}

function rangeCauses(bounds: Bounds, value: number, path: string): Cause[] {
  const { minimum, maximum, multipleOf, isExclusiveMinimum, isExclusiveMaximum } = bounds
  const wrong = (should: string) => invalid(path, value, `${path} in body should be ${should}`)
  const causes: Cause[] = []
  if (maximum !== undefined && (isExclusiveMaximum ? value >= maximum : value > maximum)) {
    causes.push(wrong(`less than ${isExclusiveMaximum ? '' : 'or equal to '}${maximum}`))
  }
  if (minimum !== undefined && (isExclusiveMinimum ? value <= minimum : value < minimum)) {
    causes.push(wrong(`greater than ${isExclusiveMinimum ? '' : 'or equal to '}${minimum}`))
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    causes.push(wrong(`a multiple of ${multipleOf}`))
  }
  return causes
}

function textCauses(
  { minLength, maxLength }: Bounds,
  pattern: Schema['pattern'],
  value: string,
  path: string,
): Cause[] {
  // Go counts code points.
  const length = minLength === undefined && maxLength === undefined ? 0 : Array.from(value).length
  // A pattern may take long over a text that is too long.
  if (maxLength !== undefined && length > maxLength) return [tooLong(path, maxLength)]
  const causes: Cause[] = []
  if (minLength !== undefined && length < minLength) {
    causes.push(invalid(path, value, `${path} in body should be at least ${minLength} chars long`))
  }
  if (pattern && !pattern.expression.test(value)) {
    causes.push(invalid(path, value, `${path} in body should match '${pattern.text}'`))
  }
  return causes
}

type Size = { min: number | undefined; max: number | undefined; what: 'items' | 'properties' }

function sizeCauses({ min, max, what }: Size, { length }: readonly unknown[], path: string): Cause[] {
  if (max !== undefined && length > max) return [tooMany(path, length, max)]
  if (min === undefined || length >= min) return []
  return [invalid(path, length, `${path} in body should have at least ${min} ${what}`)]
}

const dateTime =
  /^\d{4}-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** Of the formats only `date-time` is told apart; the API server ignores those it does not know. */
export function formatCauses({ format }: Schema, value: unknown, path: string): Cause[] {
  if (format !== 'date-time' || typeof value !== 'string' || isDateTime(value)) return []
  return [typeInvalid(path, value, `${path} in body must be of type date-time: ${JSON.stringify(value)}`)]
}

function isDateTime(text: string): boolean {
  const date = text.slice(0, 10)
  // JavaScript turns the 31st of February into March.
  return dateTime.test(text) && new Date(`${date}T00:00:00Z`).toJSON()?.slice(0, 10) === date
}
