import { isObject, type JsonObject } from '../../../platform/json.ts'
import { difference, emptySet, type FieldSet, gather, isEmpty, union, without } from './field-set.ts'
import { parseFieldsV1, printFieldsV1 } from './fields-v1.ts'

/** One entry of `metadata.managedFields`. */
export type ManagedFieldsEntry = {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  /** RFC 3339, to the second. */
  time: string
  fieldsType: 'FieldsV1'
  fieldsV1: JsonObject
  subresource?: string
}

/** Who manages which fields of an object, and since when. */
export type Manager = Omit<ManagedFieldsEntry, 'fieldsType' | 'fieldsV1'> & { set: FieldSet }

/** By identity: a manager may apply and update, and each of its subresources counts on its own. */
export type Managers = ReadonlyMap<string, Manager>

export type Identity = Pick<Manager, 'manager' | 'operation' | 'apiVersion'> & { subresource?: string | undefined }

/** An applier is the same in every API version. */
export function idOf({ manager, operation, apiVersion, subresource = '' }: Identity): string {
  return JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource])
}

export function managersOf(object: JsonObject | undefined): Managers {
  const metadata = object?.['metadata']
  const entries = isObject(metadata) ? metadata['managedFields'] : undefined
  const managers = new Map<string, Manager>()
  for (const entry of Array.isArray(entries) ? entries : []) {
    const manager = readEntry(entry)
    if (!manager) continue
    const known = managers.get(idOf(manager))
    managers.set(idOf(manager), known ? { ...manager, set: union(known.set, manager.set) } : manager)
  }
  return managers
}

function readEntry(entry: unknown): Manager | undefined {
  if (!isObject(entry)) return undefined
  const { manager, operation, apiVersion, time, fieldsV1, subresource } = entry
  if (typeof manager !== 'string' || typeof apiVersion !== 'string' || !isObject(fieldsV1)) return undefined
  if (operation !== 'Apply' && operation !== 'Update') return undefined
  return {
    manager,
    operation,
    apiVersion,
    time: typeof time === 'string' ? time : '',
    set: parseFieldsV1(fieldsV1),
    ...(typeof subresource === 'string' && subresource !== '' ? { subresource } : {}),
  }
}

/** A client that wants the list emptied sends an empty one, or one entry with nothing in it. */
export function isReset(object: JsonObject): boolean {
  const metadata = object['metadata']
  const entries = isObject(metadata) ? metadata['managedFields'] : undefined
  if (!Array.isArray(entries) || entries.length > 1) return false
  const [entry]: unknown[] = entries
  return entry === undefined || (isObject(entry) && Object.keys(entry).length === 0)
}

/** The object with these managers, in the order in which Kubernetes lists them. */
export function withManagers(object: JsonObject, managers: Managers): JsonObject {
  const bare = withoutManagers(object)
  const entries = [...managers.values()].filter(({ set }) => !isEmpty(set)).sort(compareManagers)
  if (entries.length === 0) return bare
  const metadata = isObject(bare['metadata']) ? bare['metadata'] : {}
  return { ...bare, metadata: { ...metadata, managedFields: entries.map(printEntry) } }
}

export function withoutManagers(object: JsonObject): JsonObject {
  const { metadata } = object
  if (!isObject(metadata) || !Object.hasOwn(metadata, 'managedFields')) return object
  const { managedFields: _managedFields, ...rest } = metadata
  return { ...object, metadata: rest }
}

function printEntry({ set, time, subresource, ...entry }: Manager): JsonObject {
  return {
    ...entry,
    ...(time === '' ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: printFieldsV1(set),
    ...(subresource === undefined ? {} : { subresource }),
  }
}

function compareManagers(a: Manager, b: Manager): number {
  const keys = (each: Manager) => [each.operation, each.time, each.manager, each.apiVersion, each.subresource ?? '']
  const [ours, theirs] = [keys(a), keys(b)]
  const at = ours.findIndex((key, index) => key !== theirs[index])
  return at < 0 ? 0 : (ours[at] ?? '') < (theirs[at] ?? '') ? -1 : 1
}

/** What says which object it is, and what only the server writes, has no manager. */
const unmanaged = gather([
  ['f:apiVersion', { self: true, inside: emptySet }],
  ['f:kind', { self: true, inside: emptySet }],
  [
    'f:metadata',
    {
      self: true,
      inside: gather(
        [
          'name',
          'namespace',
          'creationTimestamp',
          'selfLink',
          'uid',
          'generation',
          'managedFields',
          'resourceVersion',
        ].map((name) => [`f:${name}`, { self: true, inside: emptySet }] as const),
      ),
    },
  ],
])

/** The fields that a writer of the object, or of its status, can manage. */
export function manageable(set: FieldSet, subresource: string | undefined): FieldSet {
  return difference(without(set, subresource === 'status' ? 'f:spec' : 'f:status'), unmanaged)
}

/** A time as managedFields carry it. */
export function timestamp(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`
}
