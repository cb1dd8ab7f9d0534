import { ApiError } from '../api-error.ts'
import type { FieldConflict } from '../apply/index.ts'

/** 409 that names every field another manager holds. */
export function applyConflict(conflicts: readonly FieldConflict[]): ApiError {
  const causes = conflicts.map((each) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${each.manager}`,
    field: each.field,
  }))
  const message = `Apply failed with ${conflicts.length} conflict${conflicts.length === 1 ? '' : 's'}`
  return new ApiError({ code: 409, reason: 'Conflict', message }, { causes })
}
