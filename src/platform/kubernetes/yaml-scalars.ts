import { parseExactJson } from '../exact-json.ts'

/**
 * What a scalar means to kubectl, which reads YAML as go-yaml v2 does: YAML 1.1 without base 60, and with the octal numbers
 * of 1.2. https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go
 */

/** Undefined where the text is no scalar of the tag. */
export type Resolved = { value: unknown } | undefined

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['', '~', 'null', 'Null', 'NULL'].map((text) => [text, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((text) => [text, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((text) => [text, false] as const),
])

/** The value of a scalar without a tag and without quotes. */
export function resolvePlain(text: string): unknown {
  if (words.has(text)) return words.get(text)
  if (/^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/.test(text)) return infinite(text)
  if (!/^[-+.\d]/.test(text)) return text
  return integerOf(text) ?? floatOf(text) ?? text
}

/** JSON has no word for these. */
function infinite(text: string): never {
  throw new Error(`unsupported value: ${text}`)
}

const digits = /^([-+]?)(?:0[xX]([\da-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/

function integerOf(text: string): unknown {
  if (text.startsWith('.')) return undefined
  const [, sign, hexadecimal, binary, octal, decimal] = digits.exec(text.replaceAll('_', '')) ?? []
  if (sign === undefined) return undefined
  if (decimal !== undefined) return exact(sign, decimal)
  const value = BigInt(hexadecimal ? `0x${hexadecimal}` : binary ? `0b${binary}` : `0o${octal ?? '0'}`)
  return value < 2n ** 64n ? exact(sign, String(value)) : undefined
}

const float = /^(?<sign>[-+]?)(?:(?<whole>\d+)(?:\.(?<fraction>\d*))?|\.(?<only>\d+))(?<power>[eE][-+]?\d+)?$/

/** One that is too large stays a text. */
function floatOf(text: string): unknown {
  const { groups } = float.exec(text.startsWith('.') ? text : text.replaceAll('_', '')) ?? {}
  if (!groups) return undefined
  const { sign = '', whole = '0', fraction = groups['only'] ?? '', power = '' } = groups
  const number = `${whole.replace(/^0+(?=\d)/, '')}${fraction === '' ? '' : `.${fraction}`}${power}`
  return Number.isFinite(Number(number)) ? exact(sign, number) : undefined
}

function exact(sign: string, number: string): unknown {
  const value = parseExactJson(`${sign === '-' ? '-' : ''}${number}`)
  // kubectl knows no negative zero.
  return value === 0 ? 0 : value
}

const prefix = 'tag:yaml.org,2002:'

/** The value of a scalar with a tag. */
export function resolveTagged(text: string, tag: string): Resolved {
  switch (tag.startsWith(prefix) ? tag.slice(prefix.length) : '') {
    case 'null':
      return ofType(text, (value) => value === null)
    case 'bool':
      return ofType(text, (value) => typeof value === 'boolean')
    case 'int': {
      const value = integerOf(text)
      return value === undefined ? undefined : { value }
    }
    case 'float': {
      const value = integerOf(text) ?? floatOf(text)
      return value === undefined ? undefined : { value }
    }
    case 'timestamp':
      return /^\d{4}-\d\d?-\d\d?([Tt ]|$)/.test(text) ? { value: text } : undefined
    case 'binary':
      return binaryOf(text)
    default:
      return { value: text }
  }
}

function ofType(text: string, isOfType: (value: unknown) => boolean): Resolved {
  const value = words.get(text)
  return value !== undefined && isOfType(value) ? { value } : undefined
}

function binaryOf(text: string): Resolved {
  const plain = text.replaceAll(/[\r\n]/g, '')
  const isBase64 = plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain)
  return isBase64 ? { value: Buffer.from(plain, 'base64').toString('utf8') } : undefined
}
