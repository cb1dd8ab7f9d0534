export type JsonObject = { [key: string]: unknown }

/** A number as its JSON text writes it, for one that a JavaScript number would change. JSON.stringify writes it as it is. */
export type RawNumber = { readonly rawJSON: string }

// Of ECMAScript's "JSON.parse source text access", which the compiler's library does not describe yet.
declare global {
  interface JSON {
    rawJSON: (text: string) => RawNumber
    isRawJSON: (value: unknown) => value is RawNumber
    parse(
      text: string,
      reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown
  }
}

/** True for a number that is kept as text. */
export function isRawNumber(value: unknown): value is RawNumber {
  // Few objects have no prototype, and to ask for it is cheap.
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null && JSON.isRawJSON(value)
}

/** True for a JSON object (not an array, not null, not a number that is kept as text). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)
}

/** JSON with sorted keys: equal values give equal text, so it can be compared and hashed. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )
}

/** The value with all of its numbers as JavaScript reads them, rounded where it must. */
export function asNumbers(value: unknown): unknown {
  if (isRawNumber(value)) return Number(value.rawJSON)
  if (Array.isArray(value)) return value.map(asNumbers)
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asNumbers(each)]))
    : value
}
