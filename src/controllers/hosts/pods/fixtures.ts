import type { EngineSpec, GameRef } from '../port.ts'
import { type NetworkPolicy, type Pod, podKind, policyKind, type Service, serviceKind } from './kinds.ts'
import { engineService } from './objects.ts'
import { enginePod } from './pod-object.ts'
import { enginesPolicy } from './walls.ts'

/** For tests of this room: objects as a cluster answers them. */
export const game: GameRef = { namespace: 'default', name: 'andromeda-7', uid: 'uid-1' }

export const spec: EngineSpec = {
  game,
  image: 'engine:1.0.0',
  epoch: 4,
  env: [{ name: 'LOG_LEVEL', value: 'info' }],
  resources: { requests: { cpu: '50m' }, limits: { memory: '256Mi' } },
  storage: {},
}

export const podOptions = { imagePullPolicy: 'IfNotPresent' as const, allowedKeys: ['team', 'example.com/*'] }

const added = { namespace: game.namespace, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }

function answered(object: { metadata?: unknown }, uid: string) {
  return { ...object, metadata: { ...Object(object.metadata), ...added, uid } }
}

export function aPod(status: unknown, wanted = spec): Pod {
  const typed = { apiVersion: 'v1', kind: 'Pod', ...answered(enginePod(wanted, podOptions), 'pod-1') }
  return podKind.schema.parse({ ...typed, status })
}

export function aService(): Service {
  const object = answered(engineService(game), 'service-1')
  const spec = { ...engineService(game).spec, clusterIP: 'None', sessionAffinity: 'None' }
  return serviceKind.schema.parse({ apiVersion: 'v1', kind: 'Service', ...object, spec })
}

export function aPolicy(): NetworkPolicy {
  const object = answered(enginesPolicy(), 'policy-1')
  return policyKind.schema.parse({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', ...object })
}

export function containerState(state: unknown, more: object = {}) {
  return { phase: 'Running', podIP: '10.1.0.7', containerStatuses: [{ name: 'engine', state, ...more }] }
}
