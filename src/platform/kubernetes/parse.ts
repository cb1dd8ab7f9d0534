import { z } from 'zod'
import { fieldPath } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type KubernetesObject, type ObjectKey, ObjectMeta, type ResourceKind } from './objects.ts'
import { apiVersionOf } from './paths.ts'
import { createTextPool, poolTexts } from './text-pool.ts'

/** An object that is none of its kind's schema, and what can be known of it all the same. */
export type ParseFailure = { key: ObjectKey | undefined; metadata: ObjectMeta | undefined; error: z.ZodError }

/** One for all kinds: they say much the same words. */
const pool = createTextPool()

/**
 * Lists of built-in kinds leave out `apiVersion` and `kind` of the items. `managedFields`, often longer than all the rest,
 * are left out here: a server that is sent none keeps those that it has.
 */
export function parseObject<T extends KubernetesObject>(
  kind: ResourceKind<T>,
  value: unknown,
): { object: T } | ParseFailure {
  const typed = isObject(value)
    ? { apiVersion: apiVersionOf(kind), kind: kind.kind, ...withoutManagedFields(value) }
    : value
  const parsed = kind.schema.safeParse(poolTexts(typed, pool))
  if (parsed.success) return { object: parsed.data }
  const metadata = isObject(typed) ? ObjectMeta.safeParse(typed['metadata']).data : undefined
  return { key: identify(value).key, metadata, error: parsed.error }
}

function withoutManagedFields({ metadata, ...rest }: JsonObject): JsonObject {
  if (!isObject(metadata)) return { metadata, ...rest }
  const { managedFields: _, ...kept } = metadata
  return { metadata: kept, ...rest }
}

/** What is wrong with an object, in one line. */
export function problemsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${fieldPath(path)}: ${message}`).join('; ')
}

const Identity = z.object({
  metadata: z.object({
    namespace: z.string().default(''),
    name: z.string().min(1),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
  }),
})

/** What can be known of any object, valid or not. */
export function identify(value: unknown): {
  key: ObjectKey | undefined
  uid: string | undefined
  resourceVersion: string | undefined
} {
  const metadata = Identity.safeParse(value).data?.metadata
  return {
    key: metadata && { namespace: metadata.namespace, name: metadata.name },
    uid: metadata?.uid,
    resourceVersion: metadata?.resourceVersion,
  }
}
