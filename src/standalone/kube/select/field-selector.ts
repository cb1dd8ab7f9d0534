import { isObject, type JsonObject } from '../../../platform/json.ts'
import { type Selector, SelectorError } from './selector.ts'

/**
 * `metadata.name=a,status.phase!=Running`; a backslash escapes `,`, `=` and itself. A field that is not there is ''.
 * @throws SelectorError for a field that is not allowed, or text that is no selector
 */
export function parseFieldSelector(text: string, allowed: readonly string[]): Selector {
  const terms = splitTerms(text).map((term) => parseTerm(term, text))
  const stranger = terms.find(({ field }) => !allowed.includes(field))
  if (stranger) throw new SelectorError(`field label not supported: ${stranger.field}`)
  return (object) => terms.every(({ field, value, equal }) => (valueOf(object, field) === value) === equal)
}

type Term = { field: string; value: string; equal: boolean }

/** Splits at commas that are not escaped, and leaves out empty terms, as the API server does. */
function splitTerms(text: string): string[] {
  return (text.match(/(?:\\.|[^,\\])+|\\$/gs) ?? []).filter((term) => term !== '')
}

function parseTerm(term: string, whole: string): Term {
  const [, field, operator, value] = /^((?:\\.|[^=!\\])*?)(!=|==|=)(.*)$/s.exec(term) ?? []
  if (field === undefined || operator === undefined || value === undefined) {
    throw new SelectorError(`invalid selector: '${whole}'; can't understand '${term}'`)
  }
  return { field: field.trim(), value: unescapeValue(value), equal: operator !== '!=' }
}

function unescapeValue(text: string): string {
  if (/(?:^|[^\\])(?:\\\\)*=/.test(text))
    throw new SelectorError(`invalid field selector: invalid character in: ${text}`)
  return text.replace(/\\(.?)/gs, (escaped, sign: string) => {
    if (/^[\\,=]$/.test(sign)) return sign
    throw new SelectorError(`invalid field selector: invalid escape sequence: ${escaped}`)
  })
}

function valueOf(object: JsonObject, path: string): string {
  const value = path.split('.').reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), object)
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}
