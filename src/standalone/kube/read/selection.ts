import type { JsonObject } from '../../../platform/json.ts'
import { badRequest } from '../api-error.ts'
import { objectAt, valueAt } from '../json-path.ts'
import type { Kind } from '../kinds/index.ts'
import { parseFieldSelector, parseLabelSelector, type Selector, SelectorError } from '../select/index.ts'
import type { Stored } from '../store/index.ts'

/** Which objects of a kind a request is about. */
export type Selection = {
  matches: (stored: Stored) => boolean
  /** No label or field narrows it down. */
  everything: boolean
}

const metadataFields = { 'metadata.name': ['metadata', 'name'], 'metadata.namespace': ['metadata', 'namespace'] }

/**
 * Reads namespace, label selector and field selector of a request; `name` is the one object meant, or ''.
 * @throws ApiError 400 for a selector that cannot be read or a field that cannot be selected by
 */
export function selectionOf(kind: Kind, namespace: string, query: URLSearchParams, name = ''): Selection {
  const [labels, fields] = [query.get('labelSelector') ?? '', query.get('fieldSelector') ?? '']
  const paths: Readonly<Record<string, readonly string[]>> = { ...metadataFields, ...kind.fields }
  const byLabels = labels === '' ? undefined : read(() => parseLabelSelector(labels))
  const byFields = fields === '' ? undefined : read(() => parseFieldSelector(fields, Object.keys(paths)))
  return {
    everything: !byLabels && !byFields && name === '',
    matches: (stored) =>
      (namespace === '' || stored.namespace === namespace) &&
      (name === '' || stored.name === name) &&
      (!byLabels || byLabels.matches(textsOf(objectAt(stored.object, ['metadata', 'labels'])))) &&
      (!byFields || byFields.matches(fieldsOf(stored, paths))),
  }
}

function read(parse: () => Selector): Selector {
  try {
    return parse()
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message)
    throw error
  }
}

function textsOf(labels: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]))
}

function fieldsOf({ object }: Stored, paths: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(paths).map(([label, path]) => [label, String(valueAt(object, path) ?? '')]))
}
