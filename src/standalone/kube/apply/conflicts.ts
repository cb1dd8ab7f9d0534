import { difference, type FieldSet, intersection, isEmpty, pathsOf, union } from './field-set.ts'
import type { Managers } from './managers.ts'
import { type PathElement, printPath } from './path-element.ts'
import type { Difference } from './sets-of-values.ts'

/** A field that another manager has, and that an apply would change. */
export type FieldConflict = {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  subresource?: string
  /** `.spec.players[raceName="Terrans"].userId` */
  field: string
  /** `conflict with "kubectl-client-side-apply" using galaxy.dev/v1` */
  message: string
}

/** What an apply would take from others. */
export type Taken = ReadonlyMap<string, FieldSet>

export function takenFromOthers(managers: Managers, id: string, { added, modified }: Difference): Taken {
  const wanted = union(added, modified)
  const taken = new Map<string, FieldSet>()
  const apiVersion = managers.get(id)?.apiVersion
  for (const [other, manager] of managers) {
    if (other === id || manager.apiVersion !== apiVersion) continue
    const set = intersection(manager.set, wanted)
    if (!isEmpty(set)) taken.set(other, set)
  }
  return taken
}

/** What is taken beyond a set. */
export function takenBeyond(taken: Taken, allowed: FieldSet): Taken {
  const rest = [...taken].map(([id, set]) => [id, difference(set, allowed)] as const)
  return new Map(rest.filter(([, set]) => !isEmpty(set)))
}

export function conflictsOf(managers: Managers, taken: Taken): FieldConflict[] {
  return [...taken].flatMap(([id, set]) => {
    const manager = managers.get(id)
    if (!manager) return []
    const { set: _set, time: _time, ...by } = manager
    return pathsOf(set).map((path: PathElement[]) => ({
      ...by,
      field: printPath(path),
      message: `conflict with ${said(by)}`,
    }))
  })
}

function said({ manager, operation, apiVersion, subresource }: Omit<FieldConflict, 'field' | 'message'>): string {
  const name = JSON.stringify(manager)
  const whose = subresource ? `${name} with subresource ${JSON.stringify(subresource)}` : name
  return operation === 'Update' ? `${whose} using ${apiVersion}` : whose
}

/** `Apply failed with 1 conflict: …`, in the words of the API server. */
export function conflictMessage(conflicts: readonly FieldConflict[]): string {
  const [only, ...others] = conflicts
  if (!only) return ''
  if (others.length === 0) return `Apply failed with 1 conflict: ${only.message}: ${only.field}`
  const byManager = Map.groupBy(conflicts, ({ message }) => message.replace(/^conflict /, 'conflicts '))
  const lines = [...byManager]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([message, fields]) => [`${message}:`, ...fields.map(({ field }) => `- ${field}`)].join('\n'))
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}
