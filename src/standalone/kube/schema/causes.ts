/** One field at fault, in the words of kube-apiserver. */
export type Cause = {
  reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueTypeInvalid'
    | 'FieldValueTooLong'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueTooMany'
  message: string
  /** `spec.players[0].raceName`. */
  field: string
}

/** https://github.com/kubernetes/apimachinery/blob/master/pkg/util/validation/field/errors.go */
export function required(field: string, detail = ''): Cause {
  return { reason: 'FieldValueRequired', message: detail ? `Required value: ${detail}` : 'Required value', field }
}

export function invalid(field: string, value: unknown, detail: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${said(value)}: ${detail}`, field }
}

/** `value` is what the value is: a type's name, or a text that has not the format it should have. */
export function typeInvalid(field: string, value: string, detail: string): Cause {
  return { reason: 'FieldValueTypeInvalid', message: `Invalid value: ${said(value)}: ${detail}`, field }
}

export function notSupported(field: string, value: unknown, supported: readonly unknown[]): Cause {
  const list = supported.map((each) => said(each)).join(', ')
  const message = `Unsupported value: ${said(value)}: supported values: ${list}`
  return { reason: 'FieldValueNotSupported', message, field }
}

export function duplicate(field: string, value: unknown): Cause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${said(value)}`, field }
}

export function tooMany(field: string, actual: number, max: number): Cause {
  const message = `Too many: ${actual}: must have at most ${max} items`
  return { reason: 'FieldValueTooMany', message, field }
}

export function tooLong(field: string, max: number): Cause {
  return { reason: 'FieldValueTooLong', message: `Too long: may not be more than ${max} bytes`, field }
}

export function forbiddenValue(field: string, detail: string): Cause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${detail}`, field }
}

function said(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}
