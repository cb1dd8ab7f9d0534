import { z } from 'zod'
import { badRequest } from '../api-error.ts'
import { isTrue } from '../request-info.ts'

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export type WriteOptions = {
  dryRun: boolean
  fieldValidation: FieldValidation
  /** Who changes the fields; '' when a patch by apply did not say. */
  fieldManager: string
  /** Take fields over that others manage. */
  force: boolean
}

const FieldManager = z
  .string()
  .max(128)
  .regex(/^\P{Cc}*$/u)
const FieldValidationValue = z.enum(['Strict', 'Warn', 'Ignore'])

/**
 * The options of a write, from its query.
 * @throws ApiError 400 for a value that is none
 */
export function readWriteOptions(query: URLSearchParams, userAgent: string | undefined): WriteOptions {
  const validation = FieldValidationValue.safeParse(query.get('fieldValidation') || 'Warn')
  if (!validation.success) {
    throw badRequest(
      `fieldValidation: Unsupported value: "${query.get('fieldValidation')}": supported values: "Ignore", "Warn", "Strict"`,
    )
  }
  return {
    dryRun: readDryRun(query.getAll('dryRun')),
    fieldValidation: validation.data,
    fieldManager: readManager(query.get('fieldManager') ?? '') || managerOf(userAgent),
    force: isTrue(query.get('force')),
  }
}

/** `All`, and nothing else, asks for a dry run. */
export function readDryRun(values: readonly string[]): boolean {
  const asked = values.filter(Boolean)
  const wrong = asked.find((value) => value !== 'All')
  if (wrong !== undefined) throw badRequest(`dryRun: Unsupported value: "${wrong}": supported values: "All"`)
  return asked.length > 0
}

function readManager(text: string): string {
  if (FieldManager.safeParse(text).success) return text
  throw badRequest('fieldManager: must be at most 128 printable characters')
}

/** `kubectl/v1.33.1 (linux/amd64)` is the manager `kubectl`. */
function managerOf(userAgent: string | undefined): string {
  return (
    (userAgent ?? '')
      .split('/', 1)[0]
      ?.replaceAll(/\p{Cc}/gu, '')
      .slice(0, 128) || 'unknown'
  )
}
