import { z } from 'zod'
import { moment, upTo } from './fields.ts'

export const OwnerReference = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().optional(),
  blockOwnerDeletion: z.boolean().optional(),
})

/** The metadata of an object that an API server has answered: server-side fields are present. */
export const ObjectMeta = z.looseObject({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().default(0),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).default([]),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  ownerReferences: z.array(OwnerReference).default([]),
})
export type ObjectMeta = z.infer<typeof ObjectMeta>

/** What every object we read has. */
export type KubernetesObject = { apiVersion: string; kind: string; metadata: ObjectMeta }

/** Names one object of a kind. Cluster-scoped objects have the namespace ''. */
export type ObjectKey = { namespace: string; name: string }

export function keyOf({ metadata }: Pick<KubernetesObject, 'metadata'>): ObjectKey {
  return { namespace: metadata.namespace, name: metadata.name }
}

/** `namespace/name`, as logs, queues and metrics write it. */
export function keyText({ namespace, name }: ObjectKey): string {
  return namespace ? `${namespace}/${name}` : name
}

/** https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/types.go, type Condition. */
export const Condition = z.object({
  type: upTo(316).meta({ description: 'What it is about, such as Ready.' }),
  status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Whether it holds.' }),
  observedGeneration: z.int().min(0).optional().meta({
    description: 'The metadata.generation that this was said of; older than that of the object: not up to date.',
  }),
  lastTransitionTime: moment.meta({ description: 'When the status last changed.' }),
  reason: upTo(1024).meta({ description: 'Why, in one word that programs may rely on.' }),
  message: upTo(32_768).meta({ description: 'Why, for people.' }),
})
export type Condition = z.infer<typeof Condition>

/** A kind as a client needs it: where it is served, and how an answer becomes a typed object. */
export type ResourceKind<T extends KubernetesObject> = {
  /** '' for the core group. */
  group: string
  version: string
  plural: string
  kind: string
  namespaced: boolean
  /** Parses one object as the API answers it. */
  schema: z.ZodType<T>
}
