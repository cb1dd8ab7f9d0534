import type { JsonObject } from '../../../platform/json.ts'
import { applyServerSide, TypedError } from '../apply/index.ts'
import { ApiError, badRequest, conflict, invalid } from '../api-error.ts'
import { parseObject, repetitionsIn } from '../body.ts'
import { listAt, textAt, withFields } from '../json-path.ts'
import { apiVersionOf, type Kind, servedForm } from '../kinds/index.ts'
import type { Stored } from '../store/index.ts'
import { applyConflict } from './apply-conflict.ts'
import { decideChange } from './change.ts'
import { decideBirth } from './create.ts'
import type { PatchWrite } from './patch.ts'
import { addressed, pruned } from './shape.ts'
import { checkNamespace, existing, storeKeyOf, type Target, type WriteDeps, type Written } from './target.ts'

/** Server-side apply: creates the object or merges into it, and takes note of who manages which field. */
export async function apply({ store, clock }: WriteDeps, write: PatchWrite): Promise<Written> {
  const { target, options, warn } = write
  const { kind } = target
  const applied = readApplied(write)
  const now = clock.now()
  let created = false
  const stored = await store.write(
    storeKeyOf(target),
    (found, newest) => {
      created = !found
      if (!found && target.subresource) existing(target, found)
      if (!found) checkNamespace(target, newest)
      if (!found && textAt(applied, ['metadata', 'uid']))
        throw conflict(kind, target.name, 'uid mismatch: no existing object was found')
      const object = merged({ target, found, applied, manager: options.fieldManager, force: options.force, now })
      const tracked = (whole: JsonObject) => whole
      if (!found) return decideBirth(target, { current: found, object, now, tracked, warn })
      return decideChange(target, { current: found, wanted: object, tracked, warn })
    },
    options,
  )
  return { code: created ? 201 : 200, stored }
}

function readApplied({ target, body, options, warn }: PatchWrite): JsonObject {
  const { kind } = target
  if (!options.fieldManager) throw managerRequired()
  const given = parseObject(body, 'application/yaml')
  checkRepetitions(body, { options, warn })
  if (given['apiVersion'] === undefined || given['kind'] === undefined) {
    throw badRequest('invalid object type: apiVersion and kind must be set')
  }
  if (listAt(given, ['metadata', 'managedFields']).length > 0) throw badRequest('metadata.managedFields must be nil')
  const object = addressed(kind, given, target)
  const refuse = (said: string) => untyped(kind, object, undeclared(said))
  // Nobody can manage a field that the schema does not have, so that a cluster refuses it whatever the client wishes.
  return onlyItsPart(target, pruned(kind, object, { fieldValidation: 'Strict', warn, refuse }))
}

/** A cluster reads every apply patch as YAML, and says so. */
function checkRepetitions(body: Buffer, { options, warn }: Pick<PatchWrite, 'options' | 'warn'>): void {
  if (options.fieldValidation === 'Ignore') return
  for (const said of repetitionsIn(body, 'application/yaml')) {
    const problem = `error converting YAML to JSON: ${said}`
    if (options.fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${problem}`)
    warn(problem)
  }
}

/** The status is applied through its subresource, and nothing else is. */
function onlyItsPart({ kind, subresource }: Target, object: JsonObject): JsonObject {
  if (subresource === 'status') {
    const { apiVersion, kind: named, metadata, status } = object
    return withFields({ apiVersion, kind: named, metadata, status }, {})
  }
  return kind.hasStatus ? withFields(object, { status: undefined }) : object
}

type Merge = {
  target: Target
  found: Stored | undefined
  applied: JsonObject
  manager: string
  force: boolean
  now: Date
}

function merged({ target, found, applied, manager, force, now }: Merge): JsonObject {
  const { kind, subresource } = target
  const live = found && servedForm(kind, found.object)
  const result = typed(kind, applied, () =>
    applyServerSide({
      schema: kind.schema,
      live,
      applied,
      manager,
      force,
      now,
      ...(subresource ? { subresource } : {}),
    }),
  )
  if ('conflicts' in result) throw applyConflict(result.conflicts)
  return result.object
}

function typed<T>(kind: Kind, applied: JsonObject, apply: () => T): T {
  try {
    return apply()
  } catch (error) {
    throw error instanceof TypedError ? untyped(kind, applied, error.message) : error
  }
}

function managerRequired(): ApiError {
  const cause = {
    reason: 'FieldValueRequired',
    field: 'fieldManager',
    message: 'Required value: is required for apply patch',
  }
  return invalid({ group: 'meta.k8s.io', plural: '', kind: 'PatchOptions' }, '', [cause])
}

/** In the words of a cluster, which has no reason word for this either. */
function untyped(kind: Kind, object: JsonObject, problems: string): ApiError {
  const [namespace, name] = [textAt(object, ['metadata', 'namespace']), textAt(object, ['metadata', 'name'])]
  const which = `${namespace}/${name}; ${apiVersionOf(kind)}, Kind=${kind.kind}`
  return new ApiError({ code: 400, reason: '', message: `failed to create typed patch object (${which}): ${problems}` })
}

function undeclared(said: string): string {
  const fields = [...said.matchAll(/unknown field "([^"]*)"/g)]
  const problems = fields.map(([, field]) => `.${field}: field not declared in schema`)
  return problems.length === 1 ? problems.join('') : `errors:\n${problems.map((each) => `  ${each}`).join('\n')}`
}
