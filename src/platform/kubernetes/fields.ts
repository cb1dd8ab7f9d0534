import { z } from 'zod'

/**
 * Fields of custom resources, checked as the API server checks them and not more strictly: whatever it has stored must be
 * readable, or its object is out of sight.
 */

/** A text of so many characters at most. They are counted in code points, of which an emoji is one. */
export function upTo(max: number): z.ZodString {
  return z
    .string()
    .refine((text) => text.length <= max || Array.from(text).length <= max, `must have at most ${max} characters`)
    .meta({ maxLength: max })
}

/** A moment, as in 2026-03-01T12:00:00Z. */
export const moment = z
  .string()
  .refine(isDateTime, 'must be a moment such as 2026-03-01T12:00:00Z')
  .meta({ format: 'date-time' })

/**
 * Laxer than RFC 3339 in places: the letters may be small, anything may stand before the fraction, no offset is too large.
 * https://github.com/kubernetes/kube-openapi/blob/master/pkg/validation/strfmt/time.go, IsDateTime
 */
function isDateTime(text: string): boolean {
  const [date = '', time = ''] = text.toLowerCase().split('t')
  return isDate(date) && /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(.\d+)?(z|[+-]\d\d:\d\d)$/.test(time)
}

/** JavaScript turns the 31st of February into March. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}
