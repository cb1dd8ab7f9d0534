import { trackUpdate } from '../apply/index.ts'
import { badRequest, invalid } from '../api-error.ts'
import { textAt } from '../json-path.ts'
import { servedForm } from '../kinds/index.ts'
import { decideChange } from './change.ts'
import { addressed, pruned } from './shape.ts'
import { existing, storeKeyOf, type Write, type WriteDeps, type Written } from './target.ts'

/** Replaces an object, or its status. */
export async function update({ store, clock }: WriteDeps, write: Write): Promise<Written> {
  const { target, options, warn } = write
  const { kind, name } = target
  const body = addressed(kind, write.body, target)
  const now = clock.now()
  const stored = await store.write(
    storeKeyOf(target),
    (found) => {
      const current = existing(target, found)
      const refuse = (said: string) =>
        badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${said}`)
      const wanted = pruned(kind, body, {
        fieldValidation: options.fieldValidation,
        repetitions: write.repetitions,
        warn,
        refuse,
      })
      if (!kind.unconditionalUpdate && !textAt(wanted, ['metadata', 'resourceVersion'])) throw unversioned(write)
      return decideChange(target, {
        current,
        wanted,
        warn,
        tracked: (updated) =>
          trackUpdate({
            schema: kind.schema,
            live: servedForm(kind, current.object),
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

  function unversioned({ target }: Write) {
    const message = 'Invalid value: 0x0: must be specified for an update'
    const by = target.kind.group ? `${kind.plural}.${kind.group}` : kind.plural
    return invalid(kind, name, [{ reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message }], by)
  }
}
