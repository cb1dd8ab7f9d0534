import { badRequest } from '../api-error.ts'
import { type Kind, servedForm } from '../kinds/index.ts'
import { parseFieldSelector, parseLabelSelector, type Selector, SelectorError } from '../select/index.ts'
import type { Stored } from '../store/index.ts'

/** Which objects of a kind a request is about. */
export type Selection = {
  matches: (stored: Stored) => boolean
  /** No label or field narrows it down. */
  everything: boolean
}

const metadataFields = ['metadata.name', 'metadata.namespace']

/**
 * Reads namespace, label selector and field selector of a request; `name` is the one object meant, or ''.
 * @throws ApiError 400 for a selector that cannot be read or a field that cannot be selected by
 */
export function selectionOf(kind: Kind, namespace: string, query: URLSearchParams, name = ''): Selection {
  const [labels, fields] = [query.get('labelSelector') ?? '', query.get('fieldSelector') ?? '']
  const byLabels = labels === '' ? undefined : read(() => parseLabelSelector(labels))
  const byFields =
    fields === '' ? undefined : read(() => parseFieldSelector(fields, [...metadataFields, ...kind.fields]))
  return {
    everything: !byLabels && !byFields && name === '',
    matches: (stored) =>
      (namespace === '' || stored.namespace === namespace) &&
      (name === '' || stored.name === name) &&
      (!byLabels || byLabels(stored.object)) &&
      (!byFields || byFields(servedForm(kind, stored.object))),
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
