/** Messages and rules of https://github.com/kubernetes/apimachinery/blob/master/pkg/util/validation/validation.go */

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const labelPattern = new RegExp(`^${label}$`)
const subdomainPattern = new RegExp(`^${subdomain}$`)
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const qualifiedPattern = new RegExp(`^(${qualified})$`)
const value = `(${qualified})?`
const valuePattern = new RegExp(`^(${value})$`)

const labelMessage =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
  `alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`

const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  `with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`

const qualifiedMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualified}')`

const valueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
  `with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${value}')`

function tooLongBy(text: string, maxBytes: number): string[] {
  return Buffer.byteLength(text) > maxBytes ? [`must be no more than ${maxBytes} bytes`] : []
}

/** What is wrong with a name that must be a DNS-1123 label: the name of a Namespace. */
export function labelFaults(text: string): string[] {
  const long = tooLongBy(text, 63)
  return long.length > 0 || labelPattern.test(text) ? long : [labelMessage]
}

/** What is wrong with a name that must be a DNS-1123 subdomain. */
export function subdomainFaults(text: string): string[] {
  const long = tooLongBy(text, 253)
  // What is too long is not matched: the patterns backtrack.
  return long.length > 0 || subdomainPattern.test(text) ? long : [subdomainMessage]
}

/** What is wrong with a label's value. */
export function labelValueFaults(text: string): string[] {
  const long = tooLongBy(text, 63)
  return long.length > 0 || valuePattern.test(text) ? long : [valueMessage]
}

/** What is wrong with a qualified name: `name` or `example.com/name`. */
export function qualifiedNameFaults(text: string): string[] {
  const parts = text.split('/')
  if (parts.length > 2) {
    return [
      `a qualified name ${qualifiedMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts.at(-1) ?? ''
  const prefix = parts.length === 2 ? parts[0] : undefined
  return [...(prefix === undefined ? [] : prefixFaults(prefix)), ...namePartFaults(name)]
}

function prefixFaults(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  return subdomainFaults(prefix).map((fault) => `prefix part ${fault}`)
}

function namePartFaults(name: string): string[] {
  if (name === '') return ['name part must be non-empty', `name part ${qualifiedMessage}`]
  const long = tooLongBy(name, 63)
  const faults = long.length > 0 || qualifiedPattern.test(name) ? long : [qualifiedMessage]
  return faults.map((fault) => `name part ${fault}`)
}
