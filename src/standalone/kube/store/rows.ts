import type pg from 'pg'
import { z } from 'zod'
import { parseExactJson } from '../../../platform/exact-json.ts'
import { isObject, type JsonObject } from '../../../platform/json.ts'
import { type LogEntry, pathOf, type Stored } from './model.ts'

const json = z.string().transform((text, context): JsonObject => {
  const value = parseExactJson(text)
  if (isObject(value)) return value
  context.addIssue('is not an object')
  return z.NEVER
})

const ResourceRow = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  version: z.coerce.number().int(),
  object: z.string(),
})

const LogRow = ResourceRow.extend({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
  previous: z.string().nullable(),
})

/** Every object there is. */
export async function listResources(client: pg.Client): Promise<Stored[]> {
  const { rows } = await client.query('SELECT kind, namespace, name, version, object::text FROM resource')
  return z.array(ResourceRow).parse(rows).map(toStored)
}

/** The log after `version`, oldest first. */
export async function listLog(client: pg.Client, version: number): Promise<LogEntry[]> {
  const { rows } = await client.query(
    `SELECT version, type, kind, namespace, name, object::text, previous::text
     FROM resource_log
     WHERE version > $1
     ORDER BY version`,
    [version],
  )
  return z.array(LogRow).parse(rows).map(toEntry)
}

/** The oldest and the newest version in the log; both 0 when it is empty. */
export async function logBounds(client: pg.Client): Promise<{ oldest: number; newest: number }> {
  const { rows } = await client.query(
    'SELECT coalesce(min(version), 0) AS oldest, coalesce(max(version), 0) AS newest FROM resource_log',
  )
  return z.object({ oldest: z.coerce.number(), newest: z.coerce.number() }).parse(rows[0])
}

/** Forgets the log up to and with `version`. */
export async function trimLog(client: pg.Client, version: number): Promise<void> {
  await client.query('DELETE FROM resource_log WHERE version <= $1', [version])
}

/** Writes all entries, in one statement and so in one transaction. */
export async function insertEntries(client: pg.Client, entries: readonly LogEntry[]): Promise<void> {
  // Several writes of one object may share a batch: only the last one is what the object is now.
  const last = new Map(entries.map((entry) => [`${entry.stored.kind} ${pathOf(entry.stored)}`, entry]))
  const latest = new Set(last.values())
  const columns = [
    entries.map(({ version }) => version),
    entries.map(({ type }) => type),
    entries.map(({ stored }) => stored.kind),
    entries.map(({ stored }) => stored.namespace),
    entries.map(({ stored }) => stored.name),
    entries.map(({ stored }) => stored.json),
    entries.map(({ previous }) => previous?.json ?? null),
    entries.map((entry) => latest.has(entry)),
  ]
  await client.query({ name: 'insert-entries', text: insertText, values: columns })
}

const insertText = `
  WITH entry AS (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::json[], $7::json[], $8::bool[])
      AS entry (version, type, kind, namespace, name, object, previous, latest)
  ), put AS (
    INSERT INTO resource (kind, namespace, name, version, object)
    SELECT kind, namespace, name, version, object FROM entry WHERE latest AND type <> 'DELETED'
    ON CONFLICT (kind, namespace, name) DO UPDATE SET version = excluded.version, object = excluded.object
  ), removed AS (
    DELETE FROM resource USING entry
    WHERE entry.latest AND entry.type = 'DELETED'
      AND resource.kind = entry.kind AND resource.namespace = entry.namespace AND resource.name = entry.name
  )
  INSERT INTO resource_log (version, type, kind, namespace, name, object, previous)
  SELECT version, type, kind, namespace, name, object, previous FROM entry`

function toStored({ kind, namespace, name, version, object }: z.infer<typeof ResourceRow>): Stored {
  return { kind, namespace, name, version, object: json.parse(object), json: object }
}

function toEntry(row: z.infer<typeof LogRow>): LogEntry {
  const stored = toStored(row)
  const { type, version, previous } = row
  return { version, type, stored, previous: previous === null ? undefined : toPrevious(stored, previous) }
}

function toPrevious(stored: Stored, text: string): Stored {
  const object = json.parse(text)
  const { metadata } = object
  const version = Number(isObject(metadata) ? metadata['resourceVersion'] : 0)
  return { ...stored, version, object, json: text }
}
