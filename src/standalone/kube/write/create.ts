import { randomInt, randomUUID } from 'node:crypto'
import type { JsonObject } from '../../../platform/json.ts'
import { alreadyExists, ApiError, badRequest } from '../api-error.ts'
import { trackUpdate } from '../apply/index.ts'
import { textAt, withFields, withMetadata } from '../json-path.ts'
import { isTerminating, type Kind, storedForm } from '../kinds/index.ts'
import type { Decision, Store, Stored } from '../store/index.ts'
import { addressed, admitted, pruned, type Warn } from './shape.ts'
import {
  checkNamespace,
  storeKeyOf,
  type Target,
  timestamp,
  type Write,
  type WriteDeps,
  type Written,
} from './target.ts'

/** Creates an object, under a generated name when it has none. */
export async function create({ store, clock }: WriteDeps, write: Write): Promise<Written> {
  const { options, warn } = write
  const { kind, namespace } = write.target
  if (textAt(write.body, ['metadata', 'resourceVersion'])) {
    throw badRequest('resourceVersion should not be set on objects to be created')
  }
  const body = named(store, write.target, addressed(kind, write.body, write.target))
  const target = { kind, namespace, name: textAt(body, ['metadata', 'name']), subresource: '' } as const
  const now = clock.now()
  const stored = await store.write(
    storeKeyOf(target),
    (current, newest) => {
      checkNamespace(target, newest)
      const refuse = (said: string) => badRequest(`${cannotHandle(kind)}: ${said}`)
      const object = pruned(kind, body, {
        fieldValidation: options.fieldValidation,
        repetitions: write.repetitions,
        warn,
        refuse,
      })
      const manager = options.fieldManager
      const tracked = (updated: JsonObject) =>
        trackUpdate({ schema: kind.schema, live: undefined, updated, manager, operation: 'Update', now })
      return decideBirth(target, {
        current,
        object: withMetadata(object, { managedFields: undefined }),
        now,
        tracked,
        warn,
      })
    },
    options,
  )
  return { code: 201, stored }
}

type Birth = {
  current: Stored | undefined
  object: JsonObject
  now: Date
  /** Notes who manages which field, last of all. */
  tracked: (object: JsonObject) => JsonObject
  warn: Warn
}

/**
 * What a new object is stored as.
 * @throws ApiError 409 when there is one already, 422 when it is invalid
 */
export function decideBirth(target: Target, { current, object, now, tracked, warn }: Birth): Decision {
  const { kind, name } = target
  const bare = kind.hasStatus ? withFields(object, { status: undefined }) : object
  const whole = admitted(kind.prepare(born(kind, bare, now), undefined), { kind, old: undefined, warn })
  if (current) throw alreadyThere(kind, name, current)
  return { do: 'put', object: storedForm(kind, tracked(whole)) }
}

function alreadyThere(kind: Kind, name: string, current: Stored): ApiError {
  const error = alreadyExists(kind, name)
  if (!isTerminating(current.object)) return error
  const { code, reason, details, message } = error
  return new ApiError({ code, reason, message: `object is being deleted: ${message}` }, details)
}

/** With what only the server writes. */
function born(kind: Kind, object: JsonObject, now: Date): JsonObject {
  return withMetadata(object, {
    uid: randomUUID(),
    creationTimestamp: timestamp(now),
    generation: kind.custom ? 1 : undefined,
    resourceVersion: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    selfLink: undefined,
  })
}

const letters = 'bcdfghjklmnpqrstvwxz2456789'

function named(store: Store, target: Target, object: JsonObject): JsonObject {
  const base = textAt(object, ['metadata', 'generateName']).slice(0, 58)
  if (textAt(object, ['metadata', 'name']) || !base) return object
  const names = Array.from(
    { length: 8 },
    () => base + Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join(''),
  )
  const free = names.find((name) => !store.get(storeKeyOf({ ...target, name })))
  return withMetadata(object, { name: free ?? names[0] })
}

function cannotHandle({ kind, version }: Kind): string {
  return `${kind} in version "${version}" cannot be handled as a ${kind}`
}
