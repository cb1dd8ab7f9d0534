import { isObject, type JsonObject } from '../../../platform/json.ts'
import { textsAt } from '../json-path.ts'
import type { Kind } from '../kinds/index.ts'
import type { Stored } from '../store/index.ts'

/** An object that is still in a namespace that is being deleted. */
export type Remaining = { kind: Kind; stored: Stored }

/**
 * The conditions of a Terminating namespace, with the words of
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/namespace/deletion/status_condition_utils.go
 * A condition of `before` whose status is the same keeps its time.
 */
export function namespaceConditions(
  remaining: readonly Remaining[],
  { before, at }: { before: readonly unknown[]; at: string },
): JsonObject[] {
  return [
    condition('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    condition(
      'NamespaceDeletionContentFailure',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    contentRemaining(remaining),
    finalizersRemaining(remaining),
  ].map((each) => ({ ...each, lastTransitionTime: transitionTime(each, before) ?? at }))
}

function contentRemaining(remaining: readonly Remaining[]): JsonObject {
  if (remaining.length === 0) return condition('NamespaceContentRemaining', 'ContentRemoved', allRemoved)
  const counts = counted(remaining.map(({ kind: { plural, group } }) => `${plural}.${group}`))
  const said = counts.map(([resource, count]) => `${resource} has ${count} resource instances`).join(', ')
  const message = `Some resources are remaining: ${said}`
  return { type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message }
}

function finalizersRemaining(remaining: readonly Remaining[]): JsonObject {
  const counts = counted(remaining.flatMap(({ stored }) => textsAt(stored.object, ['metadata', 'finalizers'])))
  if (counts.length === 0) return condition('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', allFinished)
  const said = counts.map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).join(', ')
  const message = `Some content in the namespace has finalizers remaining: ${said}`
  return { type: 'NamespaceFinalizersRemaining', status: 'True', reason: 'SomeFinalizersRemain', message }
}

const allRemoved = 'All content successfully removed'
const allFinished = 'All content-preserving finalizers finished'

function condition(type: string, reason: string, message: string): JsonObject {
  return { type, status: 'False', reason, message }
}

/** How often each text occurs, sorted by text. */
function counted(texts: readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}

function transitionTime({ type, status }: JsonObject, before: readonly unknown[]): unknown {
  return before.filter(isObject).find((each) => each['type'] === type && each['status'] === status)?.[
    'lastTransitionTime'
  ]
}
