import { isObject } from '../../../platform/json.ts'
import type { CustomKind, Violation } from '../../../resources/index.ts'
import type { StatusCause } from '../api-error.ts'
import { type Kind, plainKind } from './kind.ts'

/** The kinds, one for each version served, of a custom definition. */
export function customKindsOf({ definition, admit, warn }: CustomKind): Kind[] {
  const { group, names, scope } = definition.spec
  return definition.spec.versions.map((version): Kind => ({
    ...plainKind,
    group,
    ...names,
    storedAs: `${names.plural}.${group}`,
    version: version.name,
    namespaced: scope === 'Namespaced',
    custom: true,
    schema: version.schema.openAPIV3Schema,
    hasStatus: true,
    unconditionalUpdate: false,
    columns: version.additionalPrinterColumns,
    fields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.slice(1)),
    admit: (object, old) => admit(object, old).map(toCause),
    // As the admission webhook says it on a cluster.
    warn: (object) => warn(object).map(({ field, message }) => `${field}: ${message}`),
  }))
}

function toCause({ field, value, message }: Violation): StatusCause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${said(value)}: ${message}` }
}

/** Objects and lists are only named, as a cluster does. */
function said(value: unknown): string {
  if (Array.isArray(value)) return '"array"'
  if (isObject(value)) return '"object"'
  return JSON.stringify(value) ?? 'null'
}
