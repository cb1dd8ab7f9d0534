import { canonicalJson, isObject } from '../../platform/json.ts'
import { customKinds, type Violation } from '../../resources/index.ts'
import type { AdmissionAnswer, AdmissionRequest } from './model.ts'

/** Pure: what to say of one change. The rules are those of every other place that checks our kinds. */
export function review(request: AdmissionRequest): AdmissionAnswer {
  const { uid } = request
  const kind = customKinds.find(({ definition: { spec } }) => isOf(request, spec))
  const object = request.object ?? undefined
  if (!kind || object === undefined) return answer({ uid, allowed: true })
  const old = request.oldObject ?? undefined
  const warnings = kind.warn(object)
  const said = warnings.length > 0 ? { warnings: warnings.map(({ field, message }) => `${field}: ${message}`) } : {}
  // What was let in once must not stand in the way of its own deletion: finalizers are removed by an update, too.
  if (old && sameSpec(object, old)) return answer({ uid, allowed: true })
  const violations = kind.admit(object, old)
  if (violations.length === 0) return answer({ uid, allowed: true, ...said })
  return answer({ uid, allowed: false, ...said, status: refusal(request, violations) })
}

function isOf({ kind }: AdmissionRequest, spec: { group: string; names: { kind: string } }): boolean {
  return kind.group === spec.group && kind.kind === spec.names.kind
}

function sameSpec(object: object, old: object): boolean {
  const spec = (of: object) => canonicalJson('spec' in of ? of.spec : undefined)
  return spec(object) === spec(old)
}

function answer(response: AdmissionAnswer['response']): AdmissionAnswer {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
}

/** As the API server itself says that an object is invalid: 422, and a cause for each field. */
function refusal({ name = '', kind, object }: AdmissionRequest, violations: readonly Violation[]) {
  const causes = violations.map(({ field, value, message }) => ({
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${shown(value)}: ${message}`,
  }))
  const message = causes.map((cause) => `${cause.field}: ${cause.message}`).join(', ')
  const details = { name: name || nameOf(object), group: kind.group, kind: kind.kind, causes }
  return { code: 422, reason: 'Invalid', message, details }
}

function nameOf(object: AdmissionRequest['object']): string {
  const metadata = object?.['metadata']
  const name = isObject(metadata) ? metadata['name'] : undefined
  return typeof name === 'string' ? name : ''
}

/** Objects and lists are only named, as the API server does. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return '"array"'
  if (isObject(value)) return '"object"'
  return JSON.stringify(value) ?? 'null'
}
