import { z } from 'zod'
import { badRequest } from '../api-error.ts'
import { mediaType, parseObject } from '../body.ts'
import { isTrue } from '../request-info.ts'
import { readDryRun } from './options.ts'

export type Propagation = 'Background' | 'Foreground' | 'Orphan'

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/ */
export type DeleteOptions = {
  dryRun: boolean
  propagation: Propagation
  preconditions: { uid?: string | undefined; resourceVersion?: string | undefined }
}

const Body = z.looseObject({
  kind: z.string().optional(),
  dryRun: z.array(z.string()).nullish(),
  propagationPolicy: z.enum(['Background', 'Foreground', 'Orphan']).nullish(),
  orphanDependents: z.boolean().nullish(),
  preconditions: z.object({ uid: z.string().optional(), resourceVersion: z.string().optional() }).nullish(),
})

/**
 * The options of a deletion, from its body and its query.
 * @throws ApiError 400 naming what is wrong
 */
export function readDeleteOptions(
  query: URLSearchParams,
  body: Buffer,
  contentType: string | undefined,
): DeleteOptions {
  const parsed = Body.safeParse(body.length > 0 ? parseObject(body, mediaType(contentType)) : {})
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw badRequest(`DeleteOptions: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
  }
  const { dryRun, propagationPolicy, orphanDependents, preconditions } = parsed.data
  const asked = propagationPolicy ?? policyOf(query.get('propagationPolicy'))
  const old = orphanDependents ?? (query.has('orphanDependents') && isTrue(query.get('orphanDependents')))
  return {
    dryRun: readDryRun([...(dryRun ?? []), ...query.getAll('dryRun')]),
    propagation: asked ?? (old ? 'Orphan' : 'Background'),
    preconditions: preconditions ?? {},
  }
}

function policyOf(text: string | null): Propagation | undefined {
  if (text === null || text === '') return undefined
  if (text === 'Background' || text === 'Foreground' || text === 'Orphan') return text
  throw badRequest(
    `propagationPolicy: Unsupported value: "${text}": supported values: "Foreground", "Background", "Orphan"`,
  )
}
