import { ApiError } from '../api-error.ts'
import { conflictMessage, type FieldConflict } from '../apply/index.ts'

/** 409 that names every field another manager has. */
export function applyConflict(conflicts: readonly FieldConflict[]): ApiError {
  const causes = conflicts.map(({ message, field }) => ({ reason: 'FieldManagerConflict', message, field }))
  return new ApiError({ code: 409, reason: 'Conflict', message: conflictMessage(conflicts) }, { causes })
}
