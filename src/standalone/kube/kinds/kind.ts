import type { JsonObject } from '../../../platform/json.ts'
import type { PrinterColumn } from '../../../resources/index.ts'
import type { StatusCause, Subject } from '../api-error.ts'
import { subdomainFaults } from '../schema/index.ts'
import type { TableColumn } from '../table/index.ts'

/** The columns of a kind that JSON paths alone cannot say. */
export type CustomTable = {
  columns: readonly Omit<TableColumn, 'jsonPath'>[]
  cells: (object: JsonObject, now: Date) => unknown[]
}

/** A kind of object in one API version, as it is served. */
export type Kind = Subject & {
  /** The name its objects are stored under; two versions of a kind share it. */
  storedAs: string
  version: string
  singular: string
  listKind: string
  shortNames: readonly string[]
  categories: readonly string[]
  namespaced: boolean
  /** What is wrong with a name of this kind. */
  nameFaults: (name: string) => string[]
  /** Custom kinds follow the rules of custom resources where those differ from built-in ones. */
  custom: boolean
  /** Structural schema of the whole object. */
  schema: JsonObject
  /** `status` is a subresource: only it writes the status, and `generation` counts the changes to the rest. */
  hasStatus: boolean
  /** An update without a resourceVersion is taken. */
  unconditionalUpdate: boolean
  /** Beyond NAME. */
  columns: readonly PrinterColumn[]
  table?: CustomTable
  /** Fields to select by, beyond metadata.name and metadata.namespace. */
  fields: readonly string[]
  /** Merge keys of lists, for strategic merge patches. */
  listKeys: Readonly<Record<string, string>>
  /** Another form of the stored object. */
  view?: { read: (stored: JsonObject) => JsonObject; write: (served: JsonObject) => JsonObject }
  /** What is wrong beyond the schema. */
  admit: (object: JsonObject, old: JsonObject | undefined) => StatusCause[]
  /** What whoever writes the object should know, although it is allowed. */
  warn: (object: JsonObject) => string[]
  /** What the server itself writes into an object; throws an ApiError to refuse. */
  prepare: (object: JsonObject, old: JsonObject | undefined) => JsonObject
  /** Throws an ApiError when the object may not be deleted. */
  guardDelete: (object: JsonObject) => void
}

export function apiVersionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group ? `${group}/${version}` : version
}

/** `/apis/galaxy.dev/v1`. */
export function rootPathOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group ? `/apis/${group}/${version}` : `/api/${version}`
}

export const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'How old the object is.',
  priority: 0,
}

/** What most kinds have in common. */
export const plainKind = {
  shortNames: [],
  categories: [],
  namespaced: true,
  nameFaults: subdomainFaults,
  custom: false,
  hasStatus: false,
  unconditionalUpdate: true,
  columns: [],
  fields: [],
  listKeys: {},
  admit: () => [],
  warn: () => [],
  prepare: (object: JsonObject) => object,
  guardDelete: () => undefined,
} satisfies Partial<Kind>

/** The served form of a stored object. */
export function servedForm(kind: Kind, stored: JsonObject): JsonObject {
  return kind.view ? kind.view.read(stored) : stored
}

/** The stored form of a served object. */
export function storedForm(kind: Kind, served: JsonObject): JsonObject {
  return kind.view ? kind.view.write(served) : served
}
