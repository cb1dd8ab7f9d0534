import { isObject, type JsonObject } from '../../../platform/json.ts'
import { trackUpdate } from '../apply/index.ts'
import { ApiError, badRequest, unsupportedMediaType } from '../api-error.ts'
import { parseDocument, parseObject, repetitionsIn } from '../body.ts'
import { type Kind, servedForm } from '../kinds/index.ts'
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch, PatchError } from '../patch/index.ts'
import { decideChange } from './change.ts'
import type { WriteOptions } from './options.ts'
import { addressed, pruned, type Warn } from './shape.ts'
import { existing, storeKeyOf, type Target, type WriteDeps, type Written } from './target.ts'

export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

export type PatchWrite = { target: Target; body: Buffer; type: string; options: WriteOptions; warn: Warn }

/** Changes an object, or its status, by a JSON patch, a merge patch or a strategic merge patch. */
export async function patch({ store, clock }: WriteDeps, write: PatchWrite): Promise<Written> {
  const { target, options, warn } = write
  const { kind } = target
  const change = readPatch(write)
  const repetitions = options.fieldValidation === 'Ignore' ? [] : repetitionsOf(write)
  const now = clock.now()
  const stored = await store.write(
    storeKeyOf(target),
    (found) => {
      const current = existing(target, found)
      const live = servedForm(kind, current.object)
      const result = addressed(kind, change(live), target)
      const refuse = (said: string) => invalidPatch(write.body, said)
      return decideChange(target, {
        current,
        warn,
        wanted: pruned(kind, result, { fieldValidation: options.fieldValidation, repetitions, warn, refuse }),
        tracked: (updated) =>
          trackUpdate({
            schema: kind.schema,
            live,
            updated,
            manager: options.fieldManager,
            operation: 'Update',
            now,
            ...(target.subresource ? { subresource: target.subresource } : {}),
          }),
      })
    },
    options,
  )
  return { code: 200, stored }
}

/** The function that the body's patch stands for. */
function readPatch({ target: { kind }, body, type }: PatchWrite): (live: JsonObject) => JsonObject {
  switch (type) {
    case patchTypes.json: {
      const operations = parseDocument(body, 'application/json')
      return guarded((live) => applyJsonPatch(live, operations))
    }
    case patchTypes.merge: {
      const document = parseObject(body, 'application/json')
      return guarded((live) => applyMergePatch(live, document))
    }
    case patchTypes.strategic: {
      if (kind.custom) throw unsupportedMediaType([patchTypes.json, patchTypes.merge, patchTypes.apply])
      const document = parseObject(body, 'application/json')
      return guarded((live) => applyStrategicMergePatch(live, document, kind.listKeys))
    }
    default:
      throw unsupportedMediaType(acceptedBy(kind))
  }
}

/** A cluster says of a JSON patch that it is one. */
function repetitionsOf({ body, type }: PatchWrite): string[] {
  const said = repetitionsIn(body, 'application/json')
  return type === patchTypes.json ? said.map((each) => `json patch ${each}`) : said
}

function acceptedBy({ custom }: Kind): string[] {
  const { json, merge, strategic, apply } = patchTypes
  return custom ? [json, merge, apply] : [json, merge, strategic, apply]
}

function guarded(change: (live: JsonObject) => unknown): (live: JsonObject) => JsonObject {
  return (live) => {
    const result = attempt(() => change(live))
    if (!isObject(result)) throw badRequest('the patch makes something that is no object')
    return result
  }
}

function attempt(change: () => unknown): unknown {
  try {
    return change()
  } catch (error) {
    if (!(error instanceof PatchError)) throw error
    // A cluster keeps what was wrong to itself; kubectl prints causes instead of this message.
    const message = 'the server rejected our request due to an error in our request'
    throw new ApiError({ code: 422, reason: 'Invalid', message }, {})
  }
}

/** As a cluster refuses a patch with fields nobody knows. */
function invalidPatch(body: Buffer, said: string): ApiError {
  const message = `Invalid value: ${JSON.stringify(body.toString('utf8'))}: ${said}`
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }]
  return new ApiError({ code: 422, reason: 'Invalid', message: ` "" is invalid: patch: ${message}` }, { causes })
}
