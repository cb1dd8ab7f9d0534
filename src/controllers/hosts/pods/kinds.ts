import { z } from 'zod'
import { ObjectMeta, type ResourceKind } from '../../../platform/kubernetes/objects.ts'

/*
 * Of built-in kinds we keep what we read and nothing else: the caches hold an object of each for every game.
 */

const Metadata = z.object(ObjectMeta.shape)

const ContainerState = z.object({
  waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
  running: z.object({ startedAt: z.string().nullish() }).optional(),
  terminated: z
    .object({
      exitCode: z.int(),
      reason: z.string().default(''),
      message: z.string().default(''),
      startedAt: z.string().nullish(),
    })
    .optional(),
})

const ContainerStatus = z.object({
  name: z.string(),
  imageID: z.string().default(''),
  state: ContainerState.prefault({}),
})

const PodCondition = z.object({
  type: z.string(),
  status: z.string(),
  message: z.string().default(''),
  lastTransitionTime: z.string().nullish(),
})

const Pod = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Pod'),
  metadata: Metadata,
  spec: z.object({
    nodeName: z.string().default(''),
    containers: z.array(z.object({ name: z.string(), image: z.string().default('') })),
  }),
  status: z
    .object({
      phase: z.string().default('Pending'),
      reason: z.string().default(''),
      message: z.string().default(''),
      podIP: z.string().default(''),
      conditions: z.array(PodCondition).default([]),
      containerStatuses: z.array(ContainerStatus).default([]),
    })
    .prefault({}),
})
export type Pod = z.infer<typeof Pod>
export type PodContainerStatus = z.infer<typeof ContainerStatus>

const Service = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata: Metadata,
  spec: z.object({
    selector: z.record(z.string(), z.string()).default({}),
    type: z.string().default(''),
    ports: z.array(z.record(z.string(), z.unknown())).default([]),
  }),
})
export type Service = z.infer<typeof Service>

const NetworkPolicy = z.object({
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('NetworkPolicy'),
  metadata: Metadata,
  spec: z.record(z.string(), z.unknown()).default({}),
})
export type NetworkPolicy = z.infer<typeof NetworkPolicy>

const Claim = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('PersistentVolumeClaim'),
  metadata: Metadata,
  spec: z
    .object({
      storageClassName: z.string().default(''),
      resources: z.object({ requests: z.record(z.string(), z.string()).default({}) }).prefault({}),
    })
    .prefault({}),
  status: z.object({ phase: z.string().default('Pending') }).prefault({}),
})
export type Claim = z.infer<typeof Claim>

const core = { group: '', version: 'v1', namespaced: true }

export const podKind: ResourceKind<Pod> = { ...core, plural: 'pods', kind: 'Pod', schema: Pod }
export const serviceKind: ResourceKind<Service> = { ...core, plural: 'services', kind: 'Service', schema: Service }
export const claimKind: ResourceKind<Claim> = {
  ...core,
  plural: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  schema: Claim,
}
export const policyKind: ResourceKind<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'networkpolicies',
  kind: 'NetworkPolicy',
  namespaced: true,
  schema: NetworkPolicy,
}
