import { isObject, isRawNumber, type RawNumber } from './json.ts'

/**
 * The value of a JSON text in which no number is changed: one that a JavaScript number cannot hold exactly stays as it is
 * written (see `RawNumber`), and is written like that again.
 * @throws SyntaxError for a text that is no JSON
 */
export function parseExactJson(text: string): unknown {
  // A reviver makes parsing several times as slow, and hardly any text needs it.
  return needsCare(text) ? JSON.parse(text, keepExact) : JSON.parse(text)
}

/** Whether `JSON.parse` might change a number of the text. */
export function needsCare(text: string): boolean {
  return mayNeedCare.test(text)
}

/** A number with an exponent, or with more than 15 digits: all others are exact. */
const mayNeedCare = /(?:^|[:,[])\s*-?(?:[\d.]{16}|[\d.]+[eE])/

function keepExact(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined || isExact(value, source)) return value
  return JSON.rawJSON(source)
}

/** As a double that tells all the digits that are written. Only their meaning counts: 1.0 is 1, and -0 is 0. */
function isExact(value: number, source: string): boolean {
  const written = String(value)
  if (written === source) return true
  const wanted = decimalOf(source)
  if (!wanted || !Number.isFinite(value)) return false
  if (sameDecimal(decimalOf(written), wanted)) return true
  // 0.10000000000000001 is how some write the double that is 0.1 to others.
  const { length } = wanted.digits
  return length <= doubleDigits.most && sameDecimal(decimalOf(value.toPrecision(Math.max(1, length))), wanted)
}

/** How many digits tell doubles apart, and how many a double always keeps. */
const doubleDigits = { most: 17, always: 15 }

/** A decimal number as its digits, from the first to the last that is not 0, and the place of the first. */
type Decimal = { negative: boolean; digits: string; exponent: number }

function decimalOf(text: string): Decimal | undefined {
  const [, sign, whole = '', fraction = '', power = '0'] = /^([-+]?)(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(text) ?? []
  if (sign === undefined) return undefined
  const all = whole + fraction
  const first = all.search(/[1-9]/)
  if (first < 0) return { negative: false, digits: '', exponent: 0 }
  const digits = all.slice(first).replace(/0+$/, '')
  return { negative: sign === '-', digits, exponent: whole.length - first + Number(power) }
}

function sameDecimal(a: Decimal | undefined, b: Decimal): boolean {
  return a?.digits === b.digits && a.negative === b.negative && a.exponent === b.exponent
}

/** Whether every reader of Kubernetes objects takes the number for what it is: a 64-bit integer. */
function isPortable({ rawJSON }: RawNumber): boolean {
  return /^-?\d{1,19}$/.test(rawJSON) && BigInt.asIntN(64, BigInt(rawJSON)) === BigInt(rawJSON)
}

/** True for an integer beyond 64 bits with so many digits that it may have been another one before it became a double. */
export function mayHaveLostDigits(value: number): boolean {
  if (Math.abs(value) < 2 ** 63) return false
  return (decimalOf(String(value))?.digits.length ?? 0) > doubleDigits.always
}

/** A number somewhere in a JSON value. */
export type FoundNumber = { path: string; value: number | RawNumber }

/** The numbers of a JSON value that `wanted` picks, with their paths: `spec.settings.sizes[0]`. */
export function findNumbers(value: unknown, wanted: (value: number | RawNumber) => boolean, path = ''): FoundNumber[] {
  if (typeof value === 'number' || isRawNumber(value)) return wanted(value) ? [{ path, value }] : []
  if (Array.isArray(value)) return value.flatMap((each, index) => findNumbers(each, wanted, `${path}[${index}]`))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, each]) => findNumbers(each, wanted, path ? `${path}.${name}` : name))
}

/** The numbers that would be other ones for some reader. */
export function unportableNumbers(value: unknown, path = ''): FoundNumber[] {
  return findNumbers(value, (each) => isRawNumber(each) && !isPortable(each), path)
}

/** How to show a number, which may be as long as a body. */
export function shownNumber({ value }: FoundNumber): string {
  const text = JSON.stringify(value)
  return text.length > 48 ? `${text.slice(0, 48)}…` : text
}

/** What to say of them. */
export const unportable =
  'must be a 64-bit integer or a number that a double can hold; write it as a text to keep all digits'
