import { z } from 'zod'

/** What the API server asks: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
export const AdmissionReview = z.looseObject({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.looseObject({
    uid: z.string().min(1),
    kind: z.looseObject({ group: z.string(), kind: z.string() }),
    name: z.string().optional(),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    object: z.looseObject({}).nullish(),
    oldObject: z.looseObject({}).nullish(),
  }),
})
export type AdmissionRequest = z.infer<typeof AdmissionReview>['request']

type StatusCause = { reason: string; field: string; message: string }

export type AdmissionAnswer = {
  apiVersion: 'admission.k8s.io/v1'
  kind: 'AdmissionReview'
  response: {
    uid: string
    allowed: boolean
    /** Shown to whoever asked, whether or not it is allowed. */
    warnings?: readonly string[]
    status?: {
      code: number
      reason: string
      message: string
      details: { name: string; group: string; kind: string; causes: readonly StatusCause[] }
    }
  }
}
